//! All that a repository has ever held.
//!
//! [`objects`] opens the packs and lists the loose objects; [`walk`] makes every object of a pack once, right after
//! the one that it is built upon, and hands it to a [`walk::Visitor`]. That reads everything and knows nothing of
//! commits. Only where something was found, [`attribute`] reads trees and commits once more, all of them in one pass
//! ([`links`]), and says who brought it. [`range`] and [`reach`] are for the few objects that a push or a pull request brings.

pub mod ancestry;
pub mod attribute;
pub mod commits;
pub mod delta;
pub mod fault;
pub mod forest;
pub mod index;
pub mod links;
pub mod loose;
pub mod objects;
pub mod pack;
mod paths;
pub mod range;
pub mod reach;
pub mod signature;
pub mod single;
pub mod walk;

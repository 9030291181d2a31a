//! The files that people take into their own repositories.

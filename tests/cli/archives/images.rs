//! Images of containers: every layer is examined, also what a later one deletes.

use super::shell;
use crate::support::{Folder, Key};

/// Two layers, of which the second deletes what the first brought (a whiteout, as the OCI's image-layer-filesystem has it).
fn layers(here: &Folder, key: &Key) {
    here.write("one/app/.env", key.env_file());
    here.write("two/app/.wh..env", "");
    here.write("two/app/README", "clean");
    shell(here, "tar -C one -cf one.tar app; tar -C two -cf two.tar app; rm -r one two");
}

#[test]
fn what_a_later_layer_deletes_is_found_in_the_layer_that_has_it() {
    let (here, key) = (Folder::new(), Key::new(920));
    layers(&here, &key);
    here.write("manifest.json", r#"[{"Config":"c.json","RepoTags":["a:1"],"Layers":["1/layer.tar","2/layer.tar"]}]"#);
    here.write("c.json", "{}");
    shell(
        &here,
        "mkdir 1 2; mv one.tar 1/layer.tar; mv two.tar 2/layer.tar; tar -cf image.tar 1 2 manifest.json c.json",
    );
    shell(&here, "rm -r 1 2 *.json");
    let run = here.scan(&[]);
    assert_eq!((run.found(), run.status), (vec![format!("image.tar!1/layer.tar!app/.env:3 {}", key.id)], 1));
    assert!(run.summary()["incomplete"].as_array().unwrap().is_empty(), "{}", run.err);
}

#[test]
fn the_layer_of_an_oci_image_is_named_by_its_digest() {
    let (here, key) = (Folder::new(), Key::new(921));
    layers(&here, &key);
    let script = "cd $PWD; mkdir -p blobs/sha256; gzip -n one.tar two.tar\n\
        add() { digest=$(sha256sum < \"$1\" | cut -c 1-64); mv \"$1\" blobs/sha256/$digest; }\n\
        layer() { add \"$1\"; layers=\"$layers,{\\\"digest\\\":\\\"sha256:$digest\\\"}\"; }\n\
        layer one.tar.gz; echo $digest > first; layer two.tar.gz\n\
        printf '{\"layers\":[%s]}' \"${layers#,}\" > m; add m\n\
        printf '{\"manifests\":[{\"digest\":\"sha256:%s\"}]}' $digest > index.json\n\
        printf '{\"imageLayoutVersion\":\"1.0.0\"}' > oci-layout\n\
        tar -cf image.tar blobs index.json oci-layout; rm -r blobs index.json oci-layout";
    shell(&here, script);
    let digest = here.read("first").trim().to_owned();
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!("image.tar!blobs/sha256/{digest}!app/.env:3 {}", key.id)], "{}", run.err);
    assert!(run.summary()["incomplete"].as_array().unwrap().is_empty(), "{}", run.err);
}

#[test]
fn an_image_that_lacks_a_layer_or_leads_in_circles_is_not_clean() {
    let here = Folder::new();
    here.write("manifest.json", r#"[{"Config":"c.json","Layers":["a/layer.tar"]}]"#);
    shell(
        &here,
        "mkdir a; ln -s ../a/layer.tar a/layer.tar; tar -cf docker.tar a manifest.json; rm -r a manifest.json",
    );
    here.write("index.json", r#"{"manifests":[{"digest":"sha256:ab"}]}"#);
    here.write("blobs/sha256/ab", r#"{"manifests":[{"digest":"sha256:ab"}]}"#);
    shell(&here, "tar -cf oci.tar blobs index.json; rm -r blobs index.json");
    let run = here.keyward(&["scan"]);
    let said = "keyward: incomplete: docker.tar!a/layer.tar: a layer of the image that is not in it\n\
                keyward: incomplete: oci.tar!blobs/sha256/ab: an index of the image that leads to itself\n";
    assert!(run.status == 2 && run.err.starts_with(said), "{}", run.err);
}

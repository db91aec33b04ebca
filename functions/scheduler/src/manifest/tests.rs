use std::sync::Arc;

use platform::FolderObjects;

use super::*;

/// A site over a folder that stands for the store `store`.
fn site<'s>(folder: &std::path::Path, store: &'s str, within: &'s str) -> Site<'s> {
    Site {
        store,
        within,
        objects: Arc::new(FolderObjects::new(folder)),
        listed: HashMap::new(),
    }
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

/// Returns the keys of the extract that the manifest `key` names, in a folder that stands for `store`.
async fn extract(files: &[(&str, &str)], key: &str, store: &str) -> Result<Vec<String>, ScheduleError> {
    let (folder, within) = (folder(files), within(key));
    let site = site(folder.path(), store, &within);
    let manifest = site.objects.head(key).await?.unwrap();
    let extract = site.extract(&manifest).await?.unwrap_or_default();
    Ok(extract.objects.into_iter().map(|object| object.key).collect())
}

#[test]
fn manifest_is_known_by_the_end_of_its_name() {
    for key in ["manifest", "u/part_manifest", "u/manifest.json", "u/users-manifest.txt"] {
        assert!(is_manifest(key), "{key}");
    }
    for key in ["u/manifest/part_0000", "manifest.csv", "u/part_0000"] {
        assert!(!is_manifest(key), "{key}");
    }
}

#[tokio::test]
async fn extract_is_what_is_named_in_that_order_and_each_once() {
    let list = "b.csv\r\n\r\nu/a.csv\n./x=1/c.csv\ns3://acme/u/b.csv\nmanifest\n";
    let files = [
        ("u/a.csv", "1"),
        ("u/b.csv", "2"),
        ("u/x=1/c.csv", "3"),
        ("u/d.csv", "4"),
        ("u/manifest", list),
    ];
    let keys = extract(&files, "u/manifest", "s3://acme").await.unwrap();
    assert_eq!(keys, ["u/b.csv", "u/a.csv", "u/x=1/c.csv"]);
}

#[tokio::test]
async fn downloaded_unload_is_found_beside_its_manifest() {
    let json = r#"{"entries": [
        {"url": "s3://acme/unload/x=1/part_0"}, {"url": "s3://acme/unload/part_0"}, {"url": "s3://acme/unload/part_1"}]}"#;
    let files = [
        ("d/part_0", "1"),
        ("d/x=1/part_0", "1"),
        ("d/part_1", ""),
        ("d/part_manifest", json),
    ];
    let keys = extract(&files, "d/part_manifest", "/data").await.unwrap();
    assert_eq!(keys, ["d/x=1/part_0", "d/part_0", "d/part_1"]);
}

#[tokio::test]
async fn object_that_is_not_there_or_has_another_size_is_a_fault_that_names_it() {
    let json = r#"{"entries": [{"url": "s3://acme/a"}, {"url": "s3://acme/b", "meta": {"content_length": 2}}]}"#;
    let fault = |files: Vec<(&'static str, &'static str)>| async move {
        let mut files = files;
        files.push(("manifest", json));
        extract(&files, "manifest", "s3://acme").await.unwrap_err().to_string()
    };
    let missing = fault(vec![("a", "1")]).await;
    assert!(
        missing.contains("`manifest` names `s3://acme/b`: it is not there"),
        "{missing}"
    );
    let cut = fault(vec![("a", "1"), ("b", "1")]).await;
    assert!(
        cut.contains("`s3://acme/b`: it has 1 bytes in place of 2; unload"),
        "{cut}"
    );
}

#[tokio::test]
async fn what_is_not_mandatory_may_be_missing_and_an_unload_of_nothing_is_no_extract() {
    let json =
        r#"{"entries": [{"url": "s3://acme/a", "mandatory": false}, {"url": "s3://acme/b", "mandatory": true}]}"#;
    let keys = extract(&[("b", ""), ("manifest", json)], "manifest", "s3://acme")
        .await
        .unwrap();
    assert_eq!(keys, ["b"]);
    let nothing = extract(&[("manifest", "{\"entries\":[]}")], "manifest", "s3://acme")
        .await
        .unwrap();
    assert_eq!(nothing, [""; 0]);
}

#[tokio::test]
async fn name_that_leads_out_of_the_folder_is_a_fault() {
    let error = extract(&[("u/manifest", "../../etc/passwd")], "u/manifest", "/data")
        .await
        .unwrap_err();
    assert!(
        error.fault().is_some() && error.to_string().contains("names `../../etc/passwd`"),
        "{error}"
    );
}

#[tokio::test]
async fn object_that_is_not_where_the_sync_s_extracts_land_is_a_fault() {
    for name in [
        "s3://other/u/a.csv",
        "s3://acme/rejected/other/a.csv",
        "s3://acme/uu/a.csv",
        "rejected/other/a.csv",
    ] {
        let files = [("u/manifest", name), ("rejected/other/a.csv", "1"), ("uu/a.csv", "1")];
        let error = extract(&files, "u/manifest", "s3://acme").await.unwrap_err();
        let text = error.to_string();
        let is_told =
            text.contains(name) && (text.contains("outside of `s3://acme/u/`") || text.contains("it is not there"));
        assert!(error.fault().is_some() && is_told, "{text}");
    }
    let files = [("u/manifest", "s3://acme/u/../x/a.csv"), ("x/a.csv", "1")];
    assert!(
        extract(&files, "u/manifest", "s3://acme")
            .await
            .unwrap_err()
            .fault()
            .is_some()
    );
}

#[test]
fn manifests_name_objects_in_the_folder_that_the_sync_names() {
    for (named, prefix) in [
        ("", ""),
        ("u/", "u/"),
        ("u", "u/"),
        ("u/x_manifest", "u/"),
        ("manifest", ""),
    ] {
        assert_eq!(within(named), prefix);
    }
}

#[tokio::test]
async fn listed_objects_need_no_request() {
    let folder = folder(&[("manifest", "a")]);
    let meta = Meta {
        key: "a".into(),
        size: 7,
        etag: "e".into(),
        version: None,
        modified: Some(5),
    };
    let mut site = site(folder.path(), "s3://acme", "");
    site.listed.insert("a", &meta);
    let manifest = site.objects.head("manifest").await.unwrap().unwrap();
    assert_eq!(site.extract(&manifest).await.unwrap().unwrap().objects[0].size, 7);
}

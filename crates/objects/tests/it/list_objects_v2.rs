use crate::common::{all_between, between, create, create_versioned, fails, get, objects, ok, put};
use testkit::{Bed, on_every_engine, on_memory};

async fn fill(bed: &Bed, keys: &[&str]) {
    for key in keys {
        put(bed, &format!("/photos/{key}"), "x").await;
    }
}

#[tokio::test]
async fn keys_are_listed_in_the_order_of_their_bytes() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        fill(&bed, &["b", "a%2Fb", "a", "%C3%A9", "a!", "B"]).await;
        let list = get(&bed, "/photos?list-type=2").await.text();
        assert_eq!(all_between(&list, "Key"), ["B", "a", "a!", "a/b", "b", "é"]);
        assert_eq!(between(&list, "KeyCount"), "6");
        assert_eq!(between(&list, "IsTruncated"), "false");
        assert_eq!(between(&list, "Size"), "1");
        assert_eq!(between(&list, "LastModified"), "2027-01-15T08:00:00.000Z");
        assert!(list.contains("<Prefix></Prefix>") || list.contains("<Prefix/>"), "{list}");
        let list = get(&bed, "/photos?list-type=2&encoding-type=url").await.text();
        assert_eq!(all_between(&list, "Key")[5], "%C3%A9");
    })
    .await;
}

#[tokio::test]
async fn keys_are_rolled_up_to_a_delimiter_page_by_page() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        fill(&bed, &["a/1", "a/2", "b", "c/1/x", "c/2", "d"]).await;
        let list = get(&bed, "/photos?list-type=2&delimiter=%2F").await.text();
        assert_eq!(all_between(&list, "Key"), ["b", "d"]);
        assert_eq!(
            all_between(&list, "CommonPrefixes"),
            ["<Prefix>a/</Prefix>", "<Prefix>c/</Prefix>"]
        );
        let list = get(&bed, "/photos?list-type=2&delimiter=%2F&prefix=c%2F").await.text();
        assert_eq!(all_between(&list, "Key"), ["c/2"]);
        let (mut found, mut token) = (Vec::new(), String::new());
        loop {
            let path = format!("/photos?list-type=2&delimiter=%2F&max-keys=1{token}");
            let list = get(&bed, &path).await.text();
            assert_eq!(between(&list, "KeyCount"), "1");
            found.extend(all_between(&list, "Key"));
            let prefixes = all_between(&list, "CommonPrefixes");
            found.extend(prefixes.iter().map(|prefix| between(prefix, "Prefix")));
            if between(&list, "IsTruncated") == "false" {
                break;
            }
            let next = between(&list, "NextContinuationToken");
            token = format!("&continuation-token={next}");
        }
        assert_eq!(found, ["a/", "b", "c/", "d"]);
    })
    .await;
}

#[tokio::test]
async fn a_list_can_start_behind_a_key() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        fill(&bed, &["a", "b", "c"]).await;
        let list = get(&bed, "/photos?list-type=2&start-after=a&fetch-owner=true").await.text();
        assert_eq!(all_between(&list, "Key"), ["b", "c"]);
        assert_eq!(between(&list, "ID").len(), 64);
        let list = get(&bed, "/photos?list-type=2&max-keys=0").await.text();
        assert_eq!(between(&list, "IsTruncated"), "false");
        let code = async |query: &str| {
            fails(&bed, "GET", &format!("/photos?list-type=2&{query}"), &[], "").await.1
        };
        assert_eq!(code("max-keys=-1").await, "InvalidArgument");
        assert_eq!(code("continuation-token=x").await, "InvalidArgument");
    })
    .await;
}

#[tokio::test]
async fn old_versions_and_deleted_objects_are_not_listed() {
    on_every_engine(objects, async |bed| {
        create_versioned(&bed, "photos").await;
        fill(&bed, &["a/1", "a/1", "a/1", "b", "b", "c"]).await;
        ok(&bed, "DELETE", "/photos/a/1", &[], "").await;
        let list = get(&bed, "/photos?list-type=2&delimiter=%2F").await.text();
        assert_eq!(all_between(&list, "Key"), ["b", "c"]);
        // Of the prefix, nothing is left to see.
        assert!(all_between(&list, "CommonPrefixes").is_empty(), "{list}");
    })
    .await;
}

#[tokio::test]
async fn the_restoration_of_objects_may_be_asked_for_and_there_is_none() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/a", "x").await;
        for list in ["list-type=2", "versions", "max-keys=1"] {
            let wanted = [("x-amz-optional-object-attributes", "RestoreStatus")];
            let reply = ok(&bed, "GET", &format!("/photos?{list}"), &wanted, "").await.text();
            assert!(reply.contains("<Key>a</Key>") && !reply.contains("RestoreStatus"), "{reply}");
        }
    })
    .await;
}

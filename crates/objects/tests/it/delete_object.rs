use crate::common::{
    all_between, ask, count, create, create_versioned, fails, get, header, objects, ok, put,
    set_versioning,
};
use service::tag;
use testkit::on_every_engine;

#[tokio::test]
async fn an_object_is_gone_and_to_delete_nothing_is_no_mistake() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/a", "x").await;
        for _ in 0..2 {
            let reply = ok(&bed, "DELETE", "/photos/a", &[], "").await;
            assert_eq!((reply.status, header(&reply, "x-amz-version-id")), (204, ""));
        }
        assert_eq!(fails(&bed, "GET", "/photos/a", &[], "").await.1, "NoSuchKey");
        for tag in [tag::OBJECTS + 2, tag::OBJECTS + 4] {
            assert_eq!(count(&bed, tag).await, 0);
        }
    })
    .await;
}

#[tokio::test]
async fn a_deletion_with_versions_hides_the_object_and_the_marker_can_be_deleted() {
    on_every_engine(objects, async |bed| {
        create_versioned(&bed, "photos").await;
        put(&bed, "/photos/a", "1").await;
        let reply = ok(&bed, "DELETE", "/photos/a", &[], "").await;
        assert_eq!(header(&reply, "x-amz-delete-marker"), "true");
        let marker = header(&reply, "x-amz-version-id").to_owned();
        assert_eq!(ask(&bed.root(), "GET", "/photos/a", &[], "").await.status, 404);
        let path = format!("/photos/a?versionId={marker}");
        let reply = ok(&bed, "DELETE", &path, &[], "").await;
        assert_eq!(header(&reply, "x-amz-delete-marker"), "true");
        assert_eq!(get(&bed, "/photos/a").await.body, "1");
        ok(&bed, "DELETE", &path, &[], "").await;
    })
    .await;
}

#[tokio::test]
async fn when_the_current_version_goes_the_newest_of_the_others_is_current() {
    on_every_engine(objects, async |bed| {
        create_versioned(&bed, "photos").await;
        let mut ids = Vec::new();
        for body in ["1", "2", "3"] {
            let reply = put(&bed, "/photos/a", body).await;
            ids.push(header(&reply, "x-amz-version-id").to_owned());
        }
        let delete = async |id: &str| {
            ok(&bed, "DELETE", &format!("/photos/a?versionId={id}"), &[], "").await;
        };
        delete(&ids[1]).await;
        assert_eq!(get(&bed, "/photos/a").await.body, "3");
        delete(&ids[2]).await;
        assert_eq!(get(&bed, "/photos/a").await.body, "1");
        delete(&ids[0]).await;
        assert_eq!(ask(&bed.root(), "GET", "/photos/a", &[], "").await.status, 404);
        assert_eq!(count(&bed, tag::OBJECTS + 2).await, 0);
    })
    .await;
}

#[tokio::test]
async fn there_is_one_null_version_at_most() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/a", "before").await;
        set_versioning(&bed, "photos", "Enabled").await;
        let made = put(&bed, "/photos/a", "made").await;
        let null = "/photos/a?versionId=null";
        assert_eq!(get(&bed, null).await.body, "before");
        set_versioning(&bed, "photos", "Suspended").await;
        let reply = put(&bed, "/photos/a", "after").await;
        assert_eq!(header(&reply, "x-amz-version-id"), "null");
        assert_eq!(get(&bed, null).await.body, "after");
        let all = get(&bed, "/photos?versions").await.text();
        let made = header(&made, "x-amz-version-id");
        assert_eq!(all_between(&all, "VersionId"), ["null", made]);
        // The marker of a suspended bucket is the null version too.
        let reply = ok(&bed, "DELETE", "/photos/a", &[], "").await;
        assert_eq!(header(&reply, "x-amz-version-id"), "null");
        let all = get(&bed, "/photos?versions").await.text();
        assert_eq!(all_between(&all, "VersionId").len(), 2);
        set_versioning(&bed, "photos", "Enabled").await;
        put(&bed, "/photos/a", "again").await;
        ok(&bed, "DELETE", null, &[], "").await;
        let all = get(&bed, "/photos?versions").await.text();
        assert_eq!(all_between(&all, "VersionId").len(), 2, "{all}");
        assert_eq!(count(&bed, tag::OBJECTS + 3).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_deletion_can_depend_on_the_object() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let etag = header(&put(&bed, "/photos/a", "x").await, "etag").to_owned();
        let (status, _) = fails(&bed, "DELETE", "/photos/a", &[("if-match", "\"y\"")], "").await;
        assert_eq!(status, 412);
        ok(&bed, "DELETE", "/photos/a", &[("if-match", &etag)], "").await;
    })
    .await;
}

use crate::{
    common::{between, create, fails, get, objects, ok},
    put_object_lock_configuration::{create_locked, default},
};
use testkit::on_memory;

#[tokio::test]
async fn a_configuration_comes_back_as_it_was_put() {
    on_memory(objects, async |bed| {
        create(&bed, "plain").await;
        let answer = fails(&bed, "GET", "/plain?object-lock", &[], "").await;
        assert_eq!(answer, (404, "ObjectLockConfigurationNotFoundError".to_owned()));
        create_locked(&bed, "photos").await;
        let bare = get(&bed, "/photos?object-lock").await.text();
        assert_eq!(between(&bare, "ObjectLockEnabled"), "Enabled");
        assert!(!bare.contains("<Rule>"), "{bare}");
        ok(&bed, "PUT", "/photos?object-lock", &[], default("<Years>2</Years>")).await;
        let full = get(&bed, "/photos?object-lock").await.text();
        assert_eq!(
            (between(&full, "Years"), between(&full, "Mode")),
            ("2".into(), "GOVERNANCE".into())
        );
    })
    .await;
}

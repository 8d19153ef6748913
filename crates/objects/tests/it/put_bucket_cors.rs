use crate::common::{between, create, fails, get, objects, ok};
use testkit::{on_every_engine, on_memory};

/// A rule for pages of one origin.
pub(crate) const RULE: &str = "<CORSConfiguration><CORSRule><ID>a</ID>\
    <AllowedOrigin>https://app.example.org</AllowedOrigin><AllowedMethod>GET</AllowedMethod>\
    <AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader>\
    <ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule>\
    </CORSConfiguration>";

#[tokio::test]
async fn rules_come_back_as_they_were_put() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        ok(&bed, "PUT", "/photos?cors", &[], RULE).await;
        let rules = get(&bed, "/photos?cors").await.text();
        assert!(rules.contains("<CORSConfiguration"), "{rules}");
        assert_eq!(between(&rules, "AllowedOrigin"), "https://app.example.org");
        assert_eq!(between(&rules, "MaxAgeSeconds"), "60");
    })
    .await;
}

#[tokio::test]
async fn rules_that_cannot_be_are_refused() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let code = async |rules: String| fails(&bed, "PUT", "/photos?cors", &[], rules).await.1;
        assert_eq!(code(RULE.replace(">PUT<", ">PATCH<")).await, "InvalidRequest");
        assert_eq!(code(RULE.replace(">ETag<", ">x-*<")).await, "InvalidRequest");
        assert_eq!(code("<CORSConfiguration/>".to_owned()).await, "MalformedXML");
        let digest = [("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")];
        assert_eq!(fails(&bed, "PUT", "/photos?cors", &digest, RULE).await.1, "BadDigest");
    })
    .await;
}

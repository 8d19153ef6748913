//! Random writes and deletions against a plain list of versions.

use crate::common::{
    all_between, ask, between, create, get, header, objects, ok, put, set_versioning,
};
use clock::Ids;
use testkit::{Bed, on_memory};

const STEPS: u32 = 30;

/// A version as the plain list has it.
#[derive(Debug, Clone, PartialEq)]
struct Plain {
    id: String,
    /// Nothing, for a delete marker.
    body: Option<String>,
}

/// The versions of one key, the newest first.
#[derive(Debug, Default)]
struct Model {
    versions: Vec<Plain>,
    status: &'static str,
}

impl Model {
    /// What a write leaves, whose reply told this id.
    fn write(&mut self, id: &str, body: Option<String>) {
        let id = if self.status == "Enabled" { id } else { "null" };
        if id == "null" {
            self.versions.retain(|version| version.id != "null");
        }
        self.versions.insert(0, Plain { id: id.to_owned(), body });
    }

    fn ids(&self, markers: bool) -> Vec<&str> {
        let wanted = self.versions.iter().filter(|version| version.body.is_none() == markers);
        wanted.map(|version| version.id.as_str()).collect()
    }
}

/// One random step.
async fn step(bed: &Bed, model: &mut Model, random: &Ids, number: u32) {
    match random.below(10) {
        0 => {
            model.status = if random.below(2) == 0 { "Enabled" } else { "Suspended" };
            set_versioning(bed, "photos", model.status).await;
        }
        1..=4 => {
            let body = number.to_string();
            let reply = put(bed, "/photos/a", body.clone()).await;
            model.write(header(&reply, "x-amz-version-id"), Some(body));
        }
        5..=6 => {
            let reply = ok(bed, "DELETE", "/photos/a", &[], "").await;
            match model.status {
                "" => model.versions.clear(),
                _ => model.write(header(&reply, "x-amz-version-id"), None),
            }
        }
        _ if model.versions.is_empty() => {}
        _ => {
            let index = random.below(model.versions.len() as u32) as usize;
            let gone = model.versions.remove(index);
            let path = format!("/photos/a?versionId={}", gone.id);
            ok(bed, "DELETE", &path, &[], "").await;
            assert_eq!(ask(&bed.root(), "GET", &path, &[], "").await.status, 404);
        }
    }
}

/// The store says what the plain list says.
async fn compare(bed: &Bed, model: &Model) {
    let list = get(bed, "/photos?versions").await.text();
    let ids = |name: &str| -> Vec<String> {
        all_between(&list, name).iter().map(|one| between(one, "VersionId")).collect()
    };
    assert_eq!(ids("Version"), model.ids(false), "{model:?}");
    assert_eq!(ids("DeleteMarker"), model.ids(true), "{model:?}");
    let latest = list.matches("<IsLatest>true</IsLatest>").count();
    assert_eq!(latest, usize::from(!model.versions.is_empty()), "{model:?}");
    let current = ask(&bed.root(), "GET", "/photos/a", &[], "").await;
    match model.versions.first().and_then(|version| version.body.as_ref()) {
        Some(body) => assert_eq!(current.text(), *body, "{model:?}"),
        None => assert_eq!(current.status, 404, "{model:?}"),
    }
    for Plain { id, body } in model.versions.iter().filter(|version| version.body.is_some()) {
        let found = get(bed, &format!("/photos/a?versionId={id}")).await;
        assert_eq!(Some(found.text()), *body, "{model:?}");
    }
}

async fn simulate(bed: &Bed, seed: u64) {
    create(bed, "photos").await;
    let (mut model, random) = (Model::default(), Ids::from_seed(seed));
    for number in 0..STEPS {
        step(bed, &mut model, &random, number).await;
        compare(bed, &model).await;
    }
}

#[tokio::test]
async fn versions_are_those_of_a_plain_list() {
    for seed in 1..7 {
        on_memory(objects, async |bed| simulate(&bed, seed).await).await;
    }
}

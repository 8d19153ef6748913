//! Many senders and receivers at once on an engine that conflicts, against a plain model: nothing
//! acknowledged is lost, nothing deleted comes back, and each message is in exactly one place.

use crate::{
    common::{counts, create, create_with_dead_letters, places},
    simulated::{self, ROUNDS, at_once, take_all},
};
use clock::{Clock, Ids};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use testkit::Bed;
use types::Timestamp;

const CLIENTS: u32 = 12;
const MAX_RECEIVES: u32 = 3;

/// What the model knows of a message that its sender was told of.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    /// Nobody may receive it before.
    hidden_until: Timestamp,
    receives: u64,
    handle: String,
    deleted: bool,
}

/// Bodies, and the delay of them all in seconds.
type Sent = (Vec<String>, u32);
type Step = crate::simulated::Step<Sent, String>;

struct Simulation {
    bed: Bed,
    random: Ids,
    url: String,
    dead: String,
    model: BTreeMap<String, Known>,
    /// Everything that was answered, in order.
    trace: Vec<String>,
}

impl Simulation {
    async fn new(seed: u64) -> Self {
        let bed = simulated::bed(seed);
        let dead = create(&bed, "dead", json!({})).await;
        let url = create_with_dead_letters(&bed, "jobs", "dead", MAX_RECEIVES).await;
        let (model, trace) = (BTreeMap::new(), Vec::new());
        Self { bed, random: Ids::from_seed(seed), url, dead, model, trace }
    }

    /// Draws what a client does; no two of a round settle the same message.
    fn draw(&self, round: u32, client: u32, settled: &mut BTreeSet<String>) -> Step {
        let held = self.model.iter().filter(|(body, known)| {
            !known.handle.is_empty() && !known.deleted && !settled.contains(*body)
        });
        let held: Vec<(&String, &Known)> = held.collect();
        match self.random.below(8) {
            0..=2 => {
                let count = 1 + self.random.below(3);
                let bodies = (0..count).map(|n| format!("{round}-{client}-{n}")).collect();
                Step::Send((bodies, self.random.below(3) * self.random.below(2)))
            }
            3 | 4 if !held.is_empty() => {
                let (body, known) = held[self.random.below(held.len() as u32) as usize];
                settled.insert(body.clone());
                Step::draw_settling(&self.random, body.clone(), known.handle.clone())
            }
            _ => Step::draw_receive(&self.random),
        }
    }

    /// One round: all clients at once, while the clock stands still.
    async fn round(&mut self, round: u32) {
        let mut settled = BTreeSet::new();
        let steps: Vec<Step> =
            (0..CLIENTS).map(|client| self.draw(round, client, &mut settled)).collect();
        let send = |(bodies, delay): &Sent| {
            let entry = |(n, body): (usize, &String)| json!({"Id": n.to_string(), "MessageBody": body, "DelaySeconds": delay});
            let entries: Vec<Value> = bodies.iter().enumerate().map(entry).collect();
            ("SendMessageBatch", json!({"Entries": entries}))
        };
        let answered = at_once(&self.bed, &self.url, steps, send).await;
        let now = self.bed.clock.now();
        for (step, answer) in answered {
            self.trace.push(format!("{answer:?}"));
            match step {
                Step::Send((bodies, delay)) => {
                    let answer = answer.expect("a send");
                    assert_eq!(answer["Successful"].as_array().map(Vec::len), Some(bodies.len()));
                    let hidden_until = now + Duration::from_secs(delay.into());
                    let known =
                        Known { hidden_until, receives: 0, handle: String::new(), deleted: false };
                    self.model.extend(bodies.into_iter().map(|body| (body, known.clone())));
                }
                Step::Receive { visibility, .. } => {
                    let until = now + Duration::from_secs(visibility.into());
                    self.receive(&answer.expect("a receive"), now, until);
                }
                Step::Delete { message, .. } => {
                    answer.expect("a deletion");
                    self.settle(&message, now, |known| known.deleted = true);
                }
                Step::Change { message, seconds, .. } => {
                    let until = now + Duration::from_secs(seconds.into());
                    if answer.is_ok() {
                        self.settle(&message, now, |known| known.hidden_until = until);
                    }
                }
            }
        }
    }

    /// The message of a handle changes, unless it is visible: then it may have been received again
    /// in the same round, and the old handle may have come too late.
    fn settle(&mut self, body: &str, now: Timestamp, change: impl FnOnce(&mut Known)) {
        let known = self.model.get_mut(body).expect("a known message");
        if known.hidden_until > now {
            change(known);
        } else {
            // Whether it was in time is what the store tells at the end.
            known.handle.clear();
        }
    }

    fn receive(&mut self, answer: &Value, now: Timestamp, until: Timestamp) {
        for message in answer["Messages"].as_array().into_iter().flatten() {
            let body = message["Body"].as_str().expect("a body");
            let known = self.model.get_mut(body).expect("a message that somebody sent");
            assert!(!known.deleted, "{body} was deleted and came back");
            assert!(known.hidden_until <= now, "{body} was received while it was hidden");
            known.receives += 1;
            let count = message["Attributes"]["ApproximateReceiveCount"].as_str();
            assert_eq!(count, Some(known.receives.to_string().as_str()));
            assert!(known.receives <= MAX_RECEIVES.into(), "{body} was not buried");
            known.hidden_until = until;
            known.handle = message["ReceiptHandle"].as_str().expect("a handle").to_owned();
        }
    }

    /// Every message is ready or hidden, and never both.
    async fn check_places(&self) {
        let places = places(&self.bed).await;
        let ready: BTreeSet<_> = places.ready.iter().collect();
        let hidden: BTreeSet<_> = places.hidden.iter().collect();
        let flights: BTreeSet<_> = places.flights.iter().collect();
        assert_eq!(ready.len(), places.ready.len());
        assert_eq!(hidden.len(), places.hidden.len());
        assert_eq!(hidden, flights);
        assert!(ready.is_disjoint(&hidden));
        assert_eq!(places.bodies, ready.len() + hidden.len());
        assert_eq!(places.total, places.bodies as i64);
    }

    /// Takes everything that is left, wherever it is.
    async fn drain(&self) -> BTreeSet<String> {
        let mut left = BTreeSet::new();
        for _ in 0..=MAX_RECEIVES {
            self.bed.advance(Duration::from_secs(43_200));
            for url in [&self.url, &self.dead] {
                take_all(&self.bed, url, &mut left).await;
            }
        }
        assert_eq!(counts(&self.bed, &self.url).await, [0, 0, 0]);
        left
    }
}

async fn simulate(seed: u64) -> Vec<String> {
    let mut simulation = Simulation::new(seed).await;
    for round in 0..ROUNDS {
        simulation.round(round).await;
        simulation.check_places().await;
        let pause = Duration::from_millis(u64::from(simulation.random.below(1_500)));
        simulation.bed.advance(pause);
    }
    let left = simulation.drain().await;
    simulation.check_places().await;
    for (body, known) in &simulation.model {
        if known.deleted {
            assert!(!left.contains(body), "seed {seed}: {body} was deleted and is there");
        } else if !known.handle.is_empty() || known.receives == 0 {
            assert!(left.contains(body), "seed {seed}: {body} was acknowledged and is lost");
        }
    }
    assert!(simulation.model.len() > 150, "seed {seed} sent next to nothing");
    simulation.trace
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_and_nothing_comes_back() {
    for seed in 0..4 {
        simulate(seed).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_run() {
    assert_eq!(simulate(99).await, simulate(99).await);
}

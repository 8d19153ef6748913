//! Many senders and receivers of one FIFO queue at once on an engine that conflicts, against a plain
//! model: each group in order, in the hands of one receiver, each message once.

use crate::{
    common::{arn, counts, create, places},
    fifo::create_fifo,
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

const CLIENTS: u32 = 10;
const GROUPS: u32 = 4;
const MAX_RECEIVES: u64 = 3;

/// What the model knows of a message.
#[derive(Debug, Clone)]
struct Known {
    body: String,
    hidden_until: Timestamp,
    receives: u64,
    handle: String,
}

/// A message's group and sequence number.
type Place = (String, String);
/// Group and body.
type Sent = (String, String);
type Step = crate::simulated::Step<Sent, Place>;

struct Simulation {
    bed: Bed,
    random: Ids,
    url: String,
    dead: String,
    /// The messages that are there, by group and sequence number.
    groups: BTreeMap<String, BTreeMap<String, Known>>,
    sent: u32,
    trace: Vec<String>,
}

impl Simulation {
    async fn new(seed: u64) -> Self {
        let bed = simulated::bed(seed);
        let dead = create_fifo(&bed, "dead.fifo", json!({})).await;
        let redrive =
            json!({"deadLetterTargetArn": arn("dead.fifo"), "maxReceiveCount": MAX_RECEIVES});
        let attributes = json!({"FifoQueue": "true", "ContentBasedDeduplication": "true",
            "RedrivePolicy": redrive.to_string()});
        let url = create(&bed, "jobs.fifo", attributes).await;
        let random = Ids::from_seed(seed);
        let (groups, trace) = (BTreeMap::new(), Vec::new());
        Self { bed, random, url, dead, groups, sent: 0, trace }
    }

    fn draw(&self, round: u32, client: u32, settled: &mut BTreeSet<String>) -> Step {
        let held: Vec<(&String, &String, &Known)> = self
            .groups
            .iter()
            .flat_map(|(group, known)| known.iter().map(move |(number, k)| (group, number, k)))
            .filter(|(_, number, known)| !known.handle.is_empty() && !settled.contains(*number))
            .collect();
        match self.random.below(8) {
            0..=2 => {
                // Two clients of a round send the same body now and then.
                let number = client.min(self.random.below(CLIENTS));
                let group = format!("g{}", (round + number) % GROUPS);
                Step::Send((group, format!("{round}-{number}")))
            }
            3..=5 if !held.is_empty() => {
                let (group, number, known) = held[self.random.below(held.len() as u32) as usize];
                settled.insert(number.clone());
                let place = (group.clone(), number.clone());
                Step::draw_settling(&self.random, place, known.handle.clone())
            }
            _ => Step::draw_receive(&self.random),
        }
    }

    /// One round: all clients at once, while the clock stands still.
    async fn round(&mut self, round: u32) {
        let mut settled = BTreeSet::new();
        let steps: Vec<Step> =
            (0..CLIENTS).map(|client| self.draw(round, client, &mut settled)).collect();
        let send = |(group, body): &Sent| {
            ("SendMessage", json!({"MessageBody": body, "MessageGroupId": group}))
        };
        let answered = at_once(&self.bed, &self.url, steps, send).await;
        let now = self.bed.clock.now();
        let mut firsts: BTreeMap<String, Value> = BTreeMap::new();
        for (step, answer) in answered {
            self.trace.push(format!("{answer:?}"));
            match step {
                Step::Send((group, body)) => {
                    self.note_sent(&mut firsts, group, body, answer.expect("a send"), now);
                }
                Step::Receive { visibility, .. } => {
                    let until = now + Duration::from_secs(visibility.into());
                    self.receive(&answer.expect("a receive"), now, until);
                }
                Step::Delete { message: (group, sequence), .. } => {
                    let group = self.groups.get_mut(&group).expect("a group");
                    if answer.is_ok() {
                        group.remove(&sequence);
                    } else {
                        assert!(group[&sequence].hidden_until <= now, "it was in flight");
                    }
                }
                Step::Change { message: (group, sequence), seconds, .. } => {
                    let group = self.groups.get_mut(&group).expect("a group");
                    let known = group.get_mut(&sequence).expect("a message");
                    if answer.is_ok() {
                        known.hidden_until = now + Duration::from_secs(seconds.into());
                    } else {
                        assert!(known.hidden_until <= now, "it was in flight");
                    }
                }
            }
        }
    }

    /// A new message, or the same answer as another of the same body.
    fn note_sent(
        &mut self,
        firsts: &mut BTreeMap<String, Value>,
        group: String,
        body: String,
        answer: Value,
        now: Timestamp,
    ) {
        if let Some(first) = firsts.get(&body) {
            assert_eq!(first["MessageId"], answer["MessageId"]);
            assert_eq!(first["SequenceNumber"], answer["SequenceNumber"]);
        }
        let sequence = answer["SequenceNumber"].as_str().expect("a number").to_owned();
        if firsts.insert(body.clone(), answer).is_none() {
            let known = Known { body, hidden_until: now, receives: 0, handle: String::new() };
            self.groups.entry(group).or_default().insert(sequence, known);
            self.sent += 1;
        }
    }

    fn receive(&mut self, answer: &Value, now: Timestamp, until: Timestamp) {
        let mut taken: BTreeMap<String, Vec<(String, Value)>> = BTreeMap::new();
        for message in answer["Messages"].as_array().into_iter().flatten() {
            let attribute =
                |name: &str| message["Attributes"][name].as_str().expect("a text").to_owned();
            let (group, sequence) = (attribute("MessageGroupId"), attribute("SequenceNumber"));
            taken.entry(group).or_default().push((sequence, message.clone()));
        }
        for (name, messages) in taken {
            let group = self.groups.get_mut(&name).expect("a group");
            assert!(group.values().all(|known| known.hidden_until <= now), "{name} was locked");
            let last = messages.last().expect("a message").0.clone();
            assert!(messages.is_sorted_by(|one, next| one.0 < next.0), "{name} is out of order");
            let numbers: BTreeSet<&String> = messages.iter().map(|(number, _)| number).collect();
            let passed: Vec<String> = group.range(..=last).map(|(n, _)| n.clone()).collect();
            for number in passed.iter().filter(|number| !numbers.contains(number)) {
                let known = group.remove(number).expect("a message");
                assert_eq!(known.receives, MAX_RECEIVES, "{} was overtaken", known.body);
            }
            for (number, message) in &messages {
                let known = group.get_mut(number).expect("a message");
                assert_eq!(message["Body"], known.body.as_str());
                known.receives += 1;
                assert!(known.receives <= MAX_RECEIVES, "{} was not buried", known.body);
                let count = message["Attributes"]["ApproximateReceiveCount"].as_str();
                assert_eq!(count, Some(known.receives.to_string().as_str()));
                known.hidden_until = until;
                known.handle = message["ReceiptHandle"].as_str().expect("a handle").to_owned();
            }
        }
    }

    /// Takes everything that is left.
    async fn drain(&self) -> BTreeSet<String> {
        let mut left = BTreeSet::new();
        self.bed.advance(Duration::from_secs(3_600));
        for url in [&self.url, &self.dead] {
            take_all(&self.bed, url, &mut left).await;
            assert_eq!(counts(&self.bed, url).await, [0, 0, 0]);
        }
        left
    }
}

async fn simulate(seed: u64) -> Vec<String> {
    let mut simulation = Simulation::new(seed).await;
    for round in 0..ROUNDS {
        simulation.round(round).await;
        let pause = Duration::from_millis(u64::from(simulation.random.below(1_500)));
        simulation.bed.advance(pause);
    }
    let left = simulation.drain().await;
    let there = simulation.groups.values().flat_map(BTreeMap::values);
    for known in there {
        assert!(left.contains(&known.body), "seed {seed}: {} is lost", known.body);
    }
    let places = places(&simulation.bed).await;
    assert_eq!((places.bodies, places.total), (0, 0));
    assert!(simulation.sent > 80, "seed {seed} sent next to nothing");
    simulation.trace
}

#[tokio::test(start_paused = true)]
async fn groups_keep_their_order_and_nothing_is_lost() {
    for seed in 0..6 {
        simulate(seed).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_run_of_a_fifo_queue() {
    assert_eq!(simulate(99).await, simulate(99).await);
}

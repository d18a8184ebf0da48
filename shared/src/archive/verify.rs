//! Checks that an archive is whole.

use std::collections::BTreeMap;
use std::pin::pin;

use futures_util::TryStreamExt;

use super::{ArchiveError, Fingerprint, Key, Manifest, Part, Store, events};
use crate::counts::Counted;
use crate::poll::Poll;
use crate::responses::{Position, Relation, StoredEvent};
use crate::vote::MAX_CHOICES;

/// Reads every object of the archive back: compares its hash with the manifest's, and counts the votes anew. `read`
/// is told how many rows were read, as they are.
///
/// # Errors
/// Says which object is missing or damaged, or which count differs; or that the storage failed.
pub async fn verify(
    store: &Store,
    manifest: &Manifest,
    mut read: impl FnMut(u64),
) -> Result<(), ArchiveError> {
    for part in &manifest.parts {
        verify_hash(store, part).await?;
    }
    let mut recount = Recount::new(&manifest.poll);
    for relation in Relation::ALL {
        let mut last = None;
        let mut events = pin!(events(store, manifest, relation));
        while let Some(group) = events.try_next().await? {
            let counted = group.iter().try_for_each(|event| {
                in_order(relation, event, &mut last)?;
                recount.add(relation, event)
            });
            counted.map_err(|problem| ArchiveError::damaged(key(manifest), problem))?;
            read(group.len() as u64);
        }
    }
    match difference(&manifest.counts.results, &recount.results(&manifest.poll)) {
        None => Ok(()),
        Some(problem) => Err(ArchiveError::Miscounted { key: key(manifest), problem }),
    }
}

/// The first count that differs, in words; `None` where none does.
pub fn difference(expected: &BTreeMap<Counted, i64>, found: &BTreeMap<Counted, i64>) -> Option<String> {
    let of = |counts: &BTreeMap<Counted, i64>, counted| counts.get(counted).copied().unwrap_or(0);
    let mut all = expected.keys().chain(found.keys());
    let differs = all.find(|counted| of(expected, counted) != of(found, counted))?;
    Some(format!("{differs} is {} instead of {}", of(found, differs), of(expected, differs)))
}

fn key(manifest: &Manifest) -> Key {
    Key::Manifest { poll_id: manifest.poll.poll_id }
}

async fn verify_hash(store: &Store, part: &Part) -> Result<(), ArchiveError> {
    let Fingerprint { bytes, sha256 } = store.fingerprint(part.key).await?;
    if bytes != part.bytes {
        let problem = format!("it has {bytes} bytes where the manifest says {}", part.bytes);
        return Err(ArchiveError::damaged(part.key, problem));
    }
    if sha256 != part.sha256 {
        return Err(ArchiveError::damaged(part.key, "its SHA-256 is not the one in the manifest"));
    }
    Ok(())
}

/// Rows that are in order are there once.
fn in_order(
    relation: Relation,
    event: &StoredEvent,
    last: &mut Option<Position>,
) -> Result<(), &'static str> {
    let Position { question, voter, order } = event.position();
    // A voter has one latest event, whatever its order.
    let order = if relation == Relation::Responses { 0 } else { order };
    let position = Position { question, voter, order };
    let after = last.is_none_or(|last| (last.question, last.voter, last.order) < (question, voter, order));
    *last = Some(position);
    if after { Ok(()) } else { Err("rows are out of order or doubled") }
}

/// Votes counted from their rows.
#[derive(Debug)]
struct Recount {
    /// A question's responses, and the votes of the choices at each position.
    questions: Vec<(i64, [i64; MAX_CHOICES])>,
}

impl Recount {
    fn new(poll: &Poll) -> Self {
        Self { questions: vec![(0, [0; MAX_CHOICES]); poll.questions.len()] }
    }

    fn add(&mut self, relation: Relation, event: &StoredEvent) -> Result<(), &'static str> {
        let question = self.questions.get_mut(usize::from(event.question));
        let (responses, votes) = question.ok_or("a row is of a question that the poll does not have")?;
        if relation == Relation::Responses && !event.choices.is_empty() {
            *responses += 1;
            event.choices.positions().for_each(|position| votes[position] += 1);
        }
        Ok(())
    }

    fn results(&self, poll: &Poll) -> BTreeMap<Counted, i64> {
        let mut results = BTreeMap::new();
        for (question, (responses, votes)) in poll.questions.iter().zip(&self.questions) {
            results.insert(Counted::Question(question.question_id), *responses);
            let choices = question.choices.iter().map(|choice| Counted::Choice(choice.choice_id));
            results.extend(choices.zip(votes.iter().copied()));
        }
        results
    }
}

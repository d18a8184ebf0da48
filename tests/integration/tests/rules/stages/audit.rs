//! What the log of votes that may be changed must hold.

use pollster_shared::poll::Poll;

use super::bed::{Bed, voter};

/// What is wrong in the tables of the poll whose id stands for `$`: rows that no event stands in, events that both
/// the row and the log hold, refused ones that stand.
const FLAWS: &str = "\
    SELECT 'no event', r.voter::text FROM responses r JOIN questions q ON q.id = r.question \
    WHERE q.poll = $ AND r.event_order IS NULL \
    UNION ALL \
    SELECT 'twice', r.voter::text FROM responses r JOIN questions q ON q.id = r.question \
    JOIN response_changes c USING (question, voter, event_order) WHERE q.poll = $ \
    UNION ALL \
    SELECT 'tally below zero', '' FROM choice_tallies t JOIN questions q ON q.id = t.question \
    WHERE q.poll = $ AND t.votes < 0";
/// Each event with the choices that the voter's next one must find.
const EVENTS: &str = "\
    SELECT kind, old_choices, new_choices, event_order, \
           lag(new_choices) OVER (PARTITION BY question, voter ORDER BY event_order), \
           lead(event_order) OVER (PARTITION BY question, voter ORDER BY event_order) IS NULL, \
           (SELECT nullif(r.choices, 0) FROM responses r WHERE r.question = l.question AND r.voter = l.voter) \
    FROM vote_audit_log l JOIN questions q ON q.id = l.question WHERE q.poll = $";

fn of(statement: &str, poll: &Poll) -> String {
    statement.replace('$', &poll.id.to_string())
}

impl Bed {
    /// Fails unless tallies are what responses add up to, no row is empty, and each voter's events lead from one
    /// to the next and to what stands.
    pub(crate) async fn assert_sound(&self, poll: &Poll) {
        let tallied = self.tallied(poll).await;
        assert_eq!(tallied.results, self.recounted(poll).await, "tallies against responses");
        self.assert_timeline_adds_up(poll).await;
        assert_eq!(self.sql(&of(FLAWS, poll)).await, [[""; 0]; 0], "flaws");
        for event in self.sql(&of(EVENTS, poll)).await {
            let [kind, old, new, order, before, last, standing] = event.as_slice() else {
                panic!("{event:?}")
            };
            assert_eq!(old, before, "an event starts where the one before it led: {event:?}");
            let expected = match (old.as_str(), new.as_str()) {
                (_, "") => "revoked",
                ("", _) => "cast",
                _ => "changed",
            };
            assert_eq!(kind, expected, "{event:?}");
            assert!(!order.is_empty(), "{event:?}");
            assert!(last == "f" || new == standing, "the last event stands: {event:?}");
        }
    }

    /// The events of a voter on a question that were counted, in order: `cast 1`, `changed 1 2`, `revoked 2`.
    pub(crate) async fn audited(&self, poll: &Poll, voter_number: u128, question: u8) -> Vec<String> {
        let statement = format!(
            "SELECT concat_ws(' ', kind, old_choices, new_choices) FROM vote_audit_log \
             WHERE question = {} AND voter = '{}' ORDER BY event_order",
            poll.questions[usize::from(question)].id,
            voter(voter_number).to_uuid()
        );
        self.sql(&statement).await.concat()
    }

    /// How many events of the poll were counted.
    pub(crate) async fn audited_events(&self, poll: &Poll) -> usize {
        self.sql(&of(EVENTS, poll)).await.len()
    }

    /// Rows of the poll in the log that were refused.
    pub(crate) async fn refused(&self, poll: &Poll) -> usize {
        let refused = "SELECT 1 FROM response_changes c JOIN questions q ON q.id = c.question \
                       WHERE q.poll = $ AND c.refused";
        self.sql(&of(refused, poll)).await.len()
    }
}

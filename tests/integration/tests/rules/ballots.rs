//! Ballots over several questions: all or none, and the rest later.

use futures_util::future::join_all;
use pollster_integration::{Stack, ballot, lunch, survey, token};
use serde_json::{Value, json};

#[tokio::test]
async fn a_ballot_over_three_questions_counts_whole() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    stack.accepted(&poll, &token(), None, ballot(&poll, &[(0, &[0]), (1, &[2]), (2, &[0, 1, 3])])).await;
    let counts = stack.assert_exact(&poll).await;
    assert_eq!(counts.total, 3);
    let votes: Vec<i64> = poll.questions[2]
        .choices
        .iter()
        .map(|choice| counts.results[&format!("choice:{}", choice.choice_id)])
        .collect();
    assert_eq!(votes, [1, 1, 0, 1]);
}

#[tokio::test]
async fn a_ballot_of_which_one_question_was_answered_counts_for_none() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let voter = token();
    stack.accepted(&poll, &voter, None, poll.ballot(1, 0)).await;
    for key in [None, Some("key")] {
        let whole = ballot(&poll, &[(0, &[0]), (1, &[0]), (2, &[0, 1])]);
        let reply = stack.vote(&poll, &voter, key, whole).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (409, Some("already_voted")));
        let problem: Value = reply.json().unwrap();
        assert_eq!(problem["questions"], json!([poll.questions[1].question_id]));
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
    // Nor was anything remembered of it.
    stack.accepted(&poll, &voter, None, ballot(&poll, &[(0, &[0]), (2, &[0, 1])])).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
}

#[tokio::test]
async fn questions_left_out_may_be_answered_later() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let voter = token();
    stack.accepted(&poll, &voter, Some("first"), poll.ballot(0, 1)).await;
    stack.accepted(&poll, &voter, Some("second"), ballot(&poll, &[(1, &[1]), (2, &[2, 3])])).await;
    let all =
        stack.vote(&poll, &voter, Some("third"), ballot(&poll, &[(0, &[1]), (1, &[1]), (2, &[2, 3])])).await;
    let problem: Value = all.json().unwrap();
    let answered: Vec<_> = poll.questions.iter().map(|question| question.question_id).collect();
    assert_eq!(problem["questions"], json!(answered));
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
}

#[tokio::test]
async fn overlapping_ballots_at_once_never_count_in_part() {
    let stack = Stack::builder().gateways(2).aggregators(2).start().await;
    let poll = stack.create_poll(&survey()).await;
    // Of each voter's two ballots, which share a question, exactly one can win.
    let race = async |number: usize| {
        let voter = token();
        let one = ballot(&poll, &[(0, &[0]), (1, &[0])]);
        let other = ballot(&poll, &[(1, &[1]), (2, &[0, 1])]);
        let (first, second) = match number % 2 {
            0 => tokio::join!(stack.vote(&poll, &voter, None, one), stack.vote(&poll, &voter, None, other)),
            _ => tokio::join!(
                stack.vote(&poll, &voter, Some("1"), other),
                stack.vote(&poll, &voter, Some("2"), one)
            ),
        };
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [202, 409]);
    };
    join_all((0..40).map(race)).await;
    let counts = stack.assert_exact(&poll).await;
    assert_eq!(counts.total, 80);
    assert_eq!(counts.results[&format!("question:{}", poll.questions[1].question_id)], 40);
}

#[tokio::test]
async fn the_bounds_of_choices_hold() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let voter = token();
    for choices in [&[0][..], &[0, 1, 2, 3]] {
        let reply = stack.vote(&poll, &voter, None, ballot(&poll, &[(2, choices)])).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (422, Some("invalid_ballot")));
        let problem: Value = reply.json().unwrap();
        assert_eq!(problem["errors"][0]["field"], "answers[0].choice_ids");
    }
    stack.accepted(&poll, &voter, None, ballot(&poll, &[(2, &[0, 3])])).await;
    stack.accepted(&poll, &token(), None, ballot(&poll, &[(2, &[1, 2, 3])])).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}

#[tokio::test]
async fn the_widest_poll_takes_a_whole_ballot() {
    let stack = Stack::start().await;
    let choices: Vec<String> = (0..50).map(|number| format!("choice {number}")).collect();
    let question = json!({"text": "Which?", "choices": choices, "max_choices": 50});
    let mut definition = lunch();
    definition["questions"] = json!(vec![question; 20]);
    let poll = stack.create_poll(&definition).await;
    let every: Vec<usize> = (0..50).collect();
    let answers: Vec<(usize, &[usize])> = (0..20).map(|question| (question, &every[..])).collect();
    let vote_id = stack.accepted(&poll, &token(), None, ballot(&poll, &answers)).await;
    assert!(!vote_id.is_empty());
    let counts = stack.assert_exact(&poll).await;
    assert_eq!(counts.total, 20);
    assert_eq!(counts.results.values().sum::<i64>(), 20 + 20 * 50);
}

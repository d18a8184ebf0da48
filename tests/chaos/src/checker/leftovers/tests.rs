use super::super::made_up::Run;

#[test]
fn nothing_waits_and_nothing_was_set_aside() {
    let mut run = Run::new();
    run.state.unsettled = Some("3 entries pending".to_owned());
    run.state.dead_letters = vec!["one".to_owned(), "another".to_owned()];
    assert_eq!(run.violated(), ["left over", "dead letter", "dead letter"]);
}

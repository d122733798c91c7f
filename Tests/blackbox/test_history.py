"""The judge of the freshness property, on histories made by hand."""

from support.history import Check, Register, backward


def register() -> Register:
    made = Register(first="old")
    made.change(sent=10, acknowledged=12, answer="new")
    made.change(sent=20, acknowledged=22, answer="newest")
    return made


def verdicts(answer: str, *spans: tuple[float, float]) -> list[bool]:
    judged = register()
    return [not judged.wrong([Check(start, end, answer)]) for start, end in spans]


def test_a_check_after_the_acknowledgement_must_answer_the_new_way():
    assert verdicts("old", (1, 2), (11, 13), (12, 13), (13, 14)) == [True, True, False, False]


def test_a_check_that_ended_before_the_change_was_sent_cannot_know_it():
    assert verdicts("new", (1, 2), (9, 11), (13, 14)) == [False, True, True]


def test_a_long_check_may_answer_any_state_of_its_span():
    for answer in ("old", "new", "newest"):
        assert verdicts(answer, (5, 30)) == [True]
    assert verdicts("old", (15, 30)) == [False]
    assert verdicts("new", (15, 30), (22, 30)) == [True, False]


def test_two_checks_one_after_the_other_never_go_back():
    earlier, later = Check(1, 2, None, revision=5), Check(3, 4, None, revision=4)
    assert backward([later, earlier]) == [(earlier, later)]
    overlapping = Check(1.5, 4, None, revision=4)
    assert backward([earlier, overlapping]) == []

from bridge.dialects.openai_turns import Turns


def test_nothing_is_asked_for_that_is_not_wanted() -> None:
    assert Turns(True).ask() == ""


def test_what_is_wanted_is_asked_for_once_and_under_a_name_of_its_own() -> None:
    turns = Turns(True)
    turns.wanted = True
    first = turns.ask()
    assert first and not turns.ask()
    turns.created("r1")
    turns.done("r1", failed=False)
    turns.wanted = True
    assert turns.ask() not in ("", first)


def test_a_response_that_began_by_itself_is_the_one_that_was_wanted() -> None:
    turns = Turns(True)
    turns.started()
    turns.wanted = True
    turns.stopped()
    turns.created("r1")
    turns.done("r1", failed=False)
    assert turns.ask() == ""


def test_the_end_of_another_response_is_not_the_end_of_this_one() -> None:
    turns = Turns(True)
    turns.created("r1")
    turns.done("r0", failed=False)
    assert turns.response == "r1"
    turns.done("r1", failed=False)
    assert turns.response is None


def test_a_server_that_names_no_response_ends_the_one_there_is() -> None:
    turns = Turns(True)
    turns.created("")
    turns.done("", failed=False)
    assert turns.idle


def test_it_is_owed_what_has_begun_was_asked_for_or_is_expected() -> None:
    turns = Turns(True)
    assert not turns.owed
    turns.wanted = True
    assert turns.owed
    turns.ask()
    assert turns.owed
    turns.created("r1")
    assert turns.owed
    turns.done("r1", failed=False)
    assert not turns.owed
    turns.started()
    turns.stopped()
    assert turns.owed


def test_an_error_about_something_else_changes_nothing() -> None:
    turns = Turns(True)
    turns.wanted = True
    asked = turns.ask()
    assert not turns.refused("ask-99", busy=False)
    assert turns.ask() == ""
    assert turns.refused(asked, busy=False)
    assert turns.ask() != ""


def test_an_error_that_names_no_event_is_not_about_what_was_never_asked() -> None:
    turns = Turns(True)
    assert not turns.refused("", busy=False)
    assert (turns.failures, turns.wanted) == (0, False)


def test_what_nothing_has_come_of_is_forgotten() -> None:
    turns = Turns(True)
    turns.wanted = True
    turns.ask()
    turns.created("r1")
    turns.started()
    turns.forget()
    assert turns.idle

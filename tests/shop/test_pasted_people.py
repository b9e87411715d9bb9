"""Pasted lists of people: every shape that spreadsheets and mails give them."""

from __future__ import annotations

import pytest

from ringup.services.seating import Person
from ringup.shop.pasted_people import MOST_LINES, read

pytestmark = pytest.mark.once

ANNA, BO = Person("Anna Adams", "anna@acme.example"), Person("Bo Berg", "bo@acme.example")


@pytest.mark.parametrize(
    "text",
    [
        "Anna Adams,anna@acme.example\nBo Berg,bo@acme.example",
        "Anna Adams, Anna@Acme.Example\r\n\r\nBo Berg , bo@acme.example\r\n",
        "\N{ZERO WIDTH NO-BREAK SPACE}Anna Adams,anna@acme.example\nBo Berg,bo@acme.example\n",
        "Name;E-mail\nAnna Adams;anna@acme.example\nBo Berg;bo@acme.example;",
        "Anna Adams\tanna@acme.example\t\t\nBo Berg\tbo@acme.example",
        '"Anna Adams","anna@acme.example"\n"Bo Berg",bo@acme.example',
        "Bo Berg,bo@acme.example,,\n".join(["Anna Adams,anna@acme.example\n", ""]),
        "Extension,Name,Email\n201,Bo Berg,bo@acme.example\n200,Anna Adams,anna@acme.example",
        "200\tAnna Adams\tanna@acme.example\n201\tBo Berg\tbo@acme.example",
    ],
)
def test_a_list_is_read_whatever_separates_it(text: str) -> None:
    found = read(text, first=200, seats=10)
    assert (found.people, found.bad) == ({0: ANNA, 1: BO}, [])


def test_what_stands_in_quotation_marks_may_hold_the_separator() -> None:
    found = read('"Adams, Anna",a@x.example\n"Bo ""Bob"" Berg",', first=200, seats=2)
    assert [person.name for person in found.people.values()] == ["Adams, Anna", 'Bo "Bob" Berg']
    names = read("Adams, Anna;a@x.example\nBerg, Bo;b@x.example", first=200, seats=2)
    assert names.people[1] == Person("Berg, Bo", "b@x.example")


def test_an_extension_and_a_name_are_enough() -> None:
    assert read("205,Desk", first=200, seats=10).people == {5: Person("Desk")}
    assert read("Desk\nLobby", first=200, seats=2).people == {0: Person("Desk"), 1: Person("Lobby")}


@pytest.mark.parametrize(
    ("text", "number", "problem"),
    [
        ("Anna,anna@\n", 1, "has no complete e-mail address: anna@"),
        ("Anna\n\nBo,bo@x.example,more,again", 3, "has more than an extension, a name"),
        ("x,Bo,bo@x.example", 1, "begins with x, which is no extension"),
        ("anna@x.example,Anna", 1, "has an e-mail address where the name belongs"),
        ("200", 1, "has no name"),
        ("300,Anna", 1, "is for 300, but yours are 200 to 201"),
        ("0200,Anna", 1, "is for 0200, but yours are 200 to 201"),
        ("٢٠٠,Anna,a@x.example", 1, "which is no extension"),
        ("200,Anna\n200,Bo", 2, "names extension 200 again, after line 1"),
        ("200,Anna\nBo", 2, "has no extension, but other lines have one"),
        ("Anna\nBo\nCy", 3, "is one too many: there are 2 extensions"),
        ('"Anna,anna@x.example', 1, "has a quotation mark that is not closed"),
        ("<b>Anna</b>,a@x.example", 1, "has a name that cannot be taken"),
        ("A" * 61, 1, "Use at most 60 characters."),
        ("Anna,o&k@x.example", 1, "has no complete e-mail address"),
    ],
)
def test_each_bad_line_is_named(text: str, number: int, problem: str) -> None:
    found = read(text, first=200, seats=2)
    assert [line.number for line in found.bad] == [number]
    assert problem in found.bad[0].problem


def test_five_hundred_lines_are_taken_and_no_more() -> None:
    lines = [f"Person {n},p{n}@x.example" for n in range(MOST_LINES + 1)]
    found = read("\n".join(lines[:MOST_LINES]), first=1000, seats=500)
    assert (len(found.people), found.bad) == (MOST_LINES, [])
    over = read("\n".join(lines), first=1000, seats=600)
    assert not over.people
    assert over.bad[0].number == MOST_LINES + 1

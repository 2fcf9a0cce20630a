"""Mappings: a user's decisions about his own files, made one at a time, kept and used again."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from dashboard.intake import job, mapping
from dashboard.intake.profile import from_raw, profiles
from dashboard.intake.recognition import recognise
from dashboard.settings import Settings
from tests.intake.flat import DEALS, FILES, write

HEADER = ("Nr", "Kunde", "Phase", "Betrag")


def own() -> mapping.Raw:
    into = {"table": "opportunities", "fields": {"opportunity_id": "Nr", "account_id": "Kunde", "amount": "Betrag"}}
    return mapping.put(mapping.empty(), {"name": "opportunities", "headings": list(HEADER), "into": [into]})


def fields(raw: mapping.Raw, table: str = "opportunities") -> dict[str, Any]:
    made = mapping.find(raw, HEADER)
    assert made is not None
    return next(into["fields"] for into in made["into"] if into["table"] == table)


def test_a_column_fills_the_field_it_is_assigned_to_and_no_other() -> None:
    raw = mapping.assign(own(), HEADER, "Betrag", "opportunities.need")
    assert fields(raw) == {"opportunity_id": "Nr", "account_id": "Kunde", "need": "Betrag"}
    assert fields(mapping.assign(raw, HEADER, "Betrag", None)) == {"opportunity_id": "Nr", "account_id": "Kunde"}


def test_of_several_headings_only_the_one_reassigned_is_taken_out() -> None:
    raw = own()
    fields(raw)["amount"] = ["Betrag|Summe", {"from": "Betrag"}]
    assert fields(mapping.assign(raw, HEADER, "Betrag", None))["amount"] == "Summe"


def test_of_an_id_and_a_name_the_one_reassigned_is_taken_out() -> None:
    raw = own()
    raw["object"][0]["into"][0]["fields"]["account_id"] = {"id": "Nr", "name": "Kunde"}
    assert fields(mapping.assign(raw, HEADER, "Nr", None))["account_id"] == "Kunde"
    raw["object"][0]["into"][0]["fields"]["account_id"]["maybe"] = True
    assert fields(mapping.assign(raw, HEADER, "Kunde", None))["account_id"] == {"from": "Nr", "maybe": True}
    gone = mapping.assign(mapping.assign(raw, HEADER, "Kunde", None), HEADER, "Nr", None)
    assert "account_id" not in fields(gone)


def test_a_column_of_another_table_brings_that_table_along_with_its_link() -> None:
    raw = mapping.assign(own(), HEADER, "Phase", "accounts.region")
    assert fields(raw, "accounts") == {"name": "Kunde", "region": "Phase"}
    raw = mapping.assign(own(), HEADER, "Phase", "line_items.product_id")
    assert fields(raw, "line_items")["opportunity_id"] == "Nr"


def test_words_and_spellings_add_up() -> None:
    raw = mapping.assign(own(), HEADER, "Phase", "opportunities.outcome")
    raw = mapping.translate(raw, HEADER, "opportunities.outcome", {"gewonnen": "won"})
    raw = mapping.translate(raw, HEADER, "opportunities.outcome", {"verloren": "lost"})
    assert fields(raw)["outcome"] == {"from": "Phase", "values": {"gewonnen": "won", "verloren": "lost"}}
    raw = mapping.mend(raw, HEADER, "opportunities.account_id", {"ACME": "Acme AG"})
    raw = mapping.mend(raw, HEADER, "opportunities.account_id", {"Akme": "Acme AG"})
    assert fields(raw)["account_id"] == {"from": "Kunde", "replace": {"ACME": "Acme AG", "Akme": "Acme AG"}}


def test_no_edit_changes_the_mapping_it_started_from() -> None:
    before = own()
    mapping.assign(before, HEADER, "Phase", "opportunities.stage")
    mapping.mend(before, HEADER, "opportunities.account_id", {"a": "b"})
    mapping.order_stages(before, ["a"], ["b"], [])
    assert before == own()


@pytest.mark.parametrize("name", sorted(profiles()))
def test_what_a_profile_knows_can_be_adopted_written_down_and_read_again(name: str) -> None:
    """Adopted objects stand on their own: no vocabulary of the profile, known by exactly the headings of the file."""
    profile = profiles()[name]
    for one in profile.objects:
        header = [part.split("|")[0] for part in one.signature] or list(one.into[0].fields)
        match = recognise(header, profile)
        if match is None:
            continue
        text = mapping.text(mapping.adopt(mapping.empty(), header, match))
        again = from_raw(mapping.parse(text))
        found = recognise(header, again)
        assert found is not None and found.confidence == 1.0
        assert [into.table for into in found.object.into] == [into.table for into in match.object.into]
        assert "words" not in str(found.object.raw)


def test_the_layout_of_a_file_is_its_headings_in_any_order() -> None:
    assert mapping.signature(["客户名称", "金额*"]) == mapping.signature(["金额", "客户 名称", ""])
    assert mapping.signature(["a", "b"]) != mapping.signature(["a", "b", "c"])


# --- the whole way: an unknown firm's flat files -----------------------------------------------------------------------


def test_unknown_files_are_proposed_tried_out_mended_and_imported(tmp_path: Path) -> None:
    files, home = write(tmp_path), tmp_path / "home"
    found = job.inspect(files, home)
    assert {file["name"]: file["targets"][0] for file in found.files} == {
        "sales_pipeline.csv": "opportunities",
        "sales_teams.csv": "users",
        "accounts.csv": "accounts",
        "products.csv": "products",
    }
    assert found.rehearsal is not None
    stages = [(one["stage"], one["outcome"]) for one in found.rehearsal["stages"]]
    assert stages == [("Prospecting", "open"), ("Engaging", "open"), ("Won", "won"), ("Lost", "lost")]
    rows = list(csv.DictReader(io.StringIO(FILES["sales_pipeline.csv"])))
    n_misspelt = sum(row["product"] == "GTXPro" for row in rows)
    [missing] = found.rehearsal["missing"]
    assert (missing["reference"], missing["n"], missing["suggestion"]) == ("GTXPro", n_misspelt, "GTX Pro")

    header = next(file["header"] for file in found.files if file["name"] == "sales_pipeline.csv")
    mended = mapping.mend(found.own, header, "line_items.product_id", {"GTXPro": "GTX Pro"})
    path = tmp_path / "mapping.toml"
    path.write_text(mapping.text(mended), encoding="utf-8")
    again = job.inspect(files, home, mappings=[path])
    assert again.rehearsal is not None and again.rehearsal["missing"] == []

    made = job.run_import(files, home, mappings=[path], as_of=again.proposed_as_of)
    assert made.snapshot.n_rows["opportunities"] == len(rows) == DEALS
    assert made.snapshot.n_rows["products"] == 3
    for file in made.files:
        assert file["n_records"] == file["n_kept"] + file["n_merged"] + file["n_rejected"]


def test_a_remembered_mapping_reads_the_next_files_of_the_same_layout(tmp_path: Path) -> None:
    files, home = write(tmp_path), tmp_path / "home"
    found = job.inspect(files, home)
    for signature, text in mapping.apart(found.own).items():
        Settings(home).remember_mapping(signature, text)
    again = job.inspect(files, home)
    assert [file["confidence"] for file in again.files] == [1.0] * 4
    assert job.run_import(files, home).snapshot.n_rows["opportunities"] == DEALS


def test_a_remembered_mapping_that_no_longer_reads_is_forgotten(tmp_path: Path) -> None:
    files, home = write(tmp_path), tmp_path / "home"
    Settings(home).remember_mapping("broken", "name = ")
    assert job.inspect(files, home).files
    assert Settings(home).mappings() == {}


def test_a_snapshot_is_rebuilt_by_the_mapping_it_was_made_with(tmp_path: Path) -> None:
    from dashboard.snapshots.store import Store

    files, home = write(tmp_path), tmp_path / "home"
    found = job.inspect(files, home)
    ordered = mapping.order_stages(found.own, ["Engaging", "Prospecting"], ["Won"], ["Lost"])
    path = tmp_path / "mapping.toml"
    path.write_text(mapping.text(ordered), encoding="utf-8")
    made = job.run_import(files, home, mappings=[path]).snapshot
    path.unlink()
    again = job.rebuild(Store(home), made.id).snapshot
    assert again.n_rows == made.n_rows
    [text] = again.recipe["mappings"]
    assert mapping.parse(text)["stages"] == ["Engaging", "Prospecting"]
    assert mapping.parse(text)["stage_outcomes"]["Won"] == "won"

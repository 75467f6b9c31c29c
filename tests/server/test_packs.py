"""Packs and studies: what is broken is refused by name, all at once."""

import shutil

import pytest

from game.study import Invalid
from server.packs import BadPack, open_pack
from server.studies import open_study


def a_blob(folder):
    return min((folder / "pack" / "blobs").glob("*/*.png"))


def test_a_sound_pack_opens_and_gives_its_blobs(study_folder):
    pack = open_pack(study_folder / "pack")
    digest = next(iter(pack.manifest.blobs))
    data, blob = pack.read(digest)
    assert len(data) == blob.bytes
    names = pack.names("salt")
    assert len(names) == len(pack.manifest.blobs)
    assert not any(digest[:16] in name for name, digest in names.items())
    assert set(names) != set(pack.names("another salt"))


def test_missing_and_altered_blobs_are_refused_by_name(study_copy):
    one, two, three = sorted((study_copy / "pack" / "blobs").glob("*/*.png"))[:3]
    one.unlink()
    two.write_bytes(two.read_bytes()[:-1] + b"?")
    three.write_bytes(three.read_bytes() + b"longer")
    with pytest.raises(BadPack) as bad:
        open_pack(study_copy / "pack")
    text = str(bad.value)
    assert f"{one.stem}: is missing" in text
    assert f"{two.stem}: was altered" in text
    assert f"{three.stem}: was altered" in text


def test_a_blob_that_goes_bad_while_serving_is_not_served(study_copy):
    pack = open_pack(study_copy / "pack")
    digest = a_blob(study_copy).stem
    pack._checked.clear()
    a_blob(study_copy).write_bytes(b"something else")
    with pytest.raises(BadPack, match=digest):
        pack.read(digest)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99}', "{}"])
def test_a_manifest_that_cannot_be_read_is_a_trouble_not_a_crash(study_copy, text):
    (study_copy / "pack" / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(BadPack, match=r"manifest\.json"):
        open_pack(study_copy / "pack")


def test_digests_cannot_lead_out_of_the_folder(study_copy):
    manifest = study_copy / "pack" / "manifest.json"
    digest = a_blob(study_copy).stem
    manifest.write_text(manifest.read_text("utf-8").replace(digest, "../../../etc/passwd"), "utf-8")
    with pytest.raises(BadPack, match="not a sha256"):
        open_pack(study_copy / "pack")


def test_a_study_lists_mistakes_of_file_texts_and_pack_at_once(study_copy):
    a_blob(study_copy).unlink()
    (study_copy / "texts" / "fr.toml").write_text("title = [", "utf-8")
    with pytest.raises(Invalid) as invalid:
        open_study(study_copy)
    where = {problem.path for problem in invalid.value.problems}
    assert any("fr.toml" in path for path in where)
    assert any("blob" in path for path in where)


def test_mistakes_in_the_file_name_their_line(study_copy):
    path = study_copy / "study.toml"
    path.write_text(path.read_text("utf-8").replace('workflow = "solo"', 'workflow = "sollo"'), "utf-8")
    with pytest.raises(Invalid) as invalid:
        open_study(study_copy)
    problem = next(p for p in invalid.value.problems if "workflow" in p.path)
    assert problem.line == 7


def test_without_file_or_pack_the_study_says_what_is_missing(study_copy):
    shutil.rmtree(study_copy / "pack")
    with pytest.raises(Invalid, match="build the pack"):
        open_study(study_copy)
    (study_copy / "study.toml").unlink()
    with pytest.raises(Invalid, match=r"study\.toml"):
        open_study(study_copy)


def test_names_that_begin_other_streams_are_not_studies(study_copy):
    path = study_copy / "study.toml"
    path.write_text(path.read_text("utf-8").replace('name = "small"', 'name = "pilot"'), "utf-8")
    with pytest.raises(Invalid, match="cannot be a study's name"):
        open_study(study_copy)


def test_blob_names_stay_the_same_over_restarts_and_the_files_named_by_logs_are_kept(open_again):
    one, two = open_again(), open_again()
    assert one.studies["small"].blobs == two.studies["small"].blobs
    names = one.studies["small"].names
    for digest in (names.study, names.manifest, *names.texts.values()):
        assert one.blobs.get(digest)


def test_an_altered_catalogue_is_not_shown(house):
    digest = house.studies["small"].names.texts["en"]
    house.blobs.path(digest).write_bytes(b"{}")
    with pytest.raises(LookupError, match="altered"):
        house.blobs.get(digest)

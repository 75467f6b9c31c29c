"""Imports: good tables become packs, bad ones are refused with every reason and leave nothing behind."""

import json
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from ai import table
from ai.check import examine
from ai.cli import pack
from ai.pack import read

HEADER = "file;truth;ai_label;confidence;licence;artist\n"


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    for i in range(16):
        pixels = np.random.default_rng(i).integers(0, 256, (5, 6, 3), dtype=np.uint8)
        at = folder / ("deep" if i % 2 else ".") / f"{'cat' if i < 8 else 'dog'}_{i:02}.jpg"
        Image.fromarray(pixels).resize((900, 600) if i == 0 else (120, 80)).save(at)
    return folder


def rows(change=lambda i, row: row):
    out = []
    for i in range(16):
        name = "cat" if i < 8 else "dog"
        said = name if i % 3 else ("dog" if i < 8 else "cat")
        out.append(change(i, [f"{name}_{i:02}", name, said, f"0,{50 + i}", "CC BY 4.0", '"A &amp; B"']))
    return HEADER + "\n".join(";".join(row) for row in out) + "\n"


def run(photos, text, *more, out="study"):
    csv = photos.parent / "answers.csv"
    csv.write_text(text, encoding="utf-8")
    target = photos.parent / out
    done = CliRunner().invoke(pack, ["import", str(photos), str(csv), "-o", str(target), *more])
    return done, target


def test_a_good_table_becomes_a_pack(photos):
    done, study = run(
        photos, rows(), "--class", "cat=feline:Cat:Chat", "--class", "dog=canine:Dog:Chien", "--title", "en=Pets"
    )
    assert done.exit_code == 0, done.stderr
    manifest = read(study)
    assert examine(study)[1] == []
    assert json.loads(done.stdout)["specimens"] == {"practice": 3, "study": 13}
    assert [dict(c.title) for c in manifest.classes] == [{"en": "Cat", "fr": "Chat"}, {"en": "Dog", "fr": "Chien"}]
    one = manifest.specimens[0]
    assert one.credit.artist == "A & B"
    assert 0.5 <= (one.advice["ai"].confidence or 0) <= 0.66
    assert (study / "study.toml").exists()
    image = max((manifest.blobs[s.image] for s in manifest.specimens), key=lambda b: b.width)
    assert image.media == "image/webp"
    assert max(image.width, image.height) == 800
    assert image.bytes <= 60_000


def test_ids_tell_nothing(photos):
    _, study = run(photos, rows())
    manifest = read(study)
    assert [s.id for s in manifest.specimens] == [f"s{i + 1:03}" for i in range(16)]
    truths = [s.truth for s in manifest.specimens]
    assert truths != sorted(truths)
    assert not {"cat_00", "dog_08"} & set((study / "pack" / "manifest.json").read_text().split('"'))


def test_a_seed_gives_the_same_bytes(photos):
    (_, one), (_, two), (_, other) = (
        run(photos, rows(), "--seed", seed, "--name", "pets", out=out)
        for seed, out in (("1", "a"), ("1", "b"), ("2", "c"))
    )
    texts = [(study / "pack" / "manifest.json").read_bytes() for study in (one, two, other)]
    assert texts[0] == texts[1] != texts[2]


def test_every_problem_is_told_and_nothing_written(photos):
    (photos / "cat_02.jpg").write_bytes(b"not a picture")
    (photos / "cat_04.jpg").unlink()

    def spoil(i, row):
        if i == 5:
            row[4] = ""
        if i == 6:
            row[3] = "very"
        if i == 7:
            row[2] = "horse"
        return row

    done, study = run(photos, rows(spoil), "--class", "cat=feline", "--class", "dog=canine")
    assert done.exit_code == 1
    for part in (
        "cat_02.jpg: is not a readable image",
        "no image 'cat_04'",
        "line 7: has no licence",
        "'very' is not a number",
        "'horse' is not a class",
    ):
        assert part in done.stderr
    assert "nothing was written" in done.stderr
    assert done.stdout == ""
    assert not study.exists()


def test_missing_files_can_be_skipped(photos):
    (photos / "cat_04.jpg").unlink()
    done, study = run(photos, rows(), "--skip-missing")
    assert done.exit_code == 0
    assert "left out: line 6: no image 'cat_04'" in done.stderr
    assert len(read(study).specimens) == 15


def test_a_failed_import_leaves_the_pack_before(photos):
    _, study = run(photos, rows())
    before = (study / "pack" / "manifest.json").read_bytes()
    (photos / "cat_00.jpg").unlink()
    done, _ = run(photos, rows())
    assert done.exit_code == 1
    assert (study / "pack" / "manifest.json").read_bytes() == before


def test_grey_overlays_are_maps_and_coloured_ones_pictures(photos):
    for kind, colour in (("grey", (90, 90, 90)), ("colour", (200, 30, 30))):
        folder = photos.parent / kind
        folder.mkdir()
        for path in photos.rglob("*.jpg"):
            Image.new("RGB", (90, 60), colour).save(folder / f"{path.stem}.png")
        _, study = run(photos, rows(), "--overlays", str(folder), "--method", "cam", out=f"with_{kind}")
        kinds = {e.kind for s in read(study).specimens for e in s.explanations["ai"].values()}
        assert kinds == {"map" if kind == "grey" else "picture"}
        assert examine(study)[1] == []


def test_a_missing_column_is_told_with_those_there(photos):
    done, _ = run(photos, rows(), "--truth", "species")
    assert done.exit_code == 1
    assert "has no column 'species'; it has file, truth, ai_label" in done.stderr


@pytest.mark.parametrize(
    ("scale", "values", "read_as"),
    [
        ("auto", ("0.4", "1"), (0.4, 1.0)),
        ("auto", ("40", "99.5"), (0.4, 0.995)),
        ("percent", ("0.4", "1"), (0.004, 0.01)),
    ],
)
def test_confidence_has_one_scale(tmp_path, scale, values, read_as):  # fmt: skip
    csv = tmp_path / "t.csv"
    csv.write_text("file,truth,ai_label,confidence\n" + "".join(f"{i},a,a,{v}\n" for i, v in enumerate(values)))
    told = table.read(csv, {}, scale=scale, licence="CC0-1.0")
    assert [r.confidence for r in told.rows] == pytest.approx(read_as)
    assert told.problems == []


def test_numbers_out_of_range_and_rows_twice_are_refused(tmp_path):
    csv = tmp_path / "t.csv"
    csv.write_text("file,truth,ai_label,confidence\n1,a,a,140\n2,a,a,0.2\n2,b,b,0.3\n")
    told = "\n".join(map(str, table.read(csv, {}, licence="CC0-1.0").problems))
    assert "'140' is outside 0 to 100" in told
    assert "image '2' stands in line 3 already" in told
    csv.write_text("file,truth,confidence\n1,a,40\n")
    assert "--scale is fraction" in str(table.read(csv, {}, scale="fraction", licence="x").problems[0])


@pytest.mark.slow
def test_it_needs_no_torch(photos, environment):
    (photos.parent / "answers.csv").write_text(rows())
    code = "import sys; sys.modules['torch'] = None\nfrom ai.cli import pack; pack(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, "import", photos, photos.parent / "answers.csv", "-o", photos.parent / "bare"],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_class_folders_need_no_table(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(4):
            pixels = np.random.default_rng(i).integers(0, 256, (5, 6, 3), dtype=np.uint8)
            Image.fromarray(pixels).resize((120, 80)).save(tmp_path / "pets" / name / f"{i}.webp")
    done = CliRunner().invoke(pack, ["import", str(tmp_path / "pets"), "-o", str(tmp_path / "study")])
    assert done.exit_code == 1
    assert "has no licences: give --licence" in done.stderr
    command = [
        "import",
        str(tmp_path / "pets"),
        "-o",
        str(tmp_path / "study"),
        "--licence",
        "CC0-1.0",
        "--practice",
        "0",
    ]
    done = CliRunner().invoke(pack, command)
    assert done.exit_code == 0, done.stderr
    manifest = read(tmp_path / "study")
    assert examine(tmp_path / "study")[1] == []
    assert sorted(s.truth for s in manifest.specimens) == ["class_cat"] * 0 + ["cat"] * 4 + ["dog"] * 4
    assert not manifest.models


def test_context_columns_shift_the_prior(photos):
    text = rows().splitlines()
    seasons = ["context_season", *("winter" if i < 12 else "summer" for i in range(16))]
    _, study = run(photos, "\n".join(f"{line};{season}" for line, season in zip(text, seasons, strict=True)) + "\n")
    manifest = read(study)
    assert examine(study)[1] == []
    (season,) = manifest.contexts
    assert {v.key: v.prior for v in season.values} == {
        "winter": pytest.approx((9 / 14, 5 / 14)),
        "summer": pytest.approx((1 / 6, 5 / 6)),
    }
    assert {s.context["season"] for s in manifest.specimens} == {"winter", "summer"}


def test_a_signed_overlay_is_marked_as_signed(photos):
    folder = photos.parent / "signed"
    folder.mkdir()
    for path in photos.rglob("*.jpg"):
        grey = np.full((60, 90), 128, np.uint8)
        grey[:20, :30] = 10
        Image.fromarray(grey).save(folder / f"{path.stem}.png")
    _, study = run(photos, rows(), "--overlays", str(folder), "--method", "cam", "--signed", out="with_sign")
    shown = [e for s in read(study).specimens for e in s.explanations["ai"].values()]
    assert all(e.signed for e in shown)
    assert {e.words[0][0] for e in shown} == {"top_left"}, "strong evidence against is evidence"
    assert examine(study)[1] == []


def test_a_bomb_is_refused_by_name(photos):
    from tests.ai.test_folder import bomb

    bomb(photos / "cat_02.png")
    (photos / "cat_02.jpg").unlink()
    done, study = run(photos, rows())
    assert done.exit_code == 1
    assert "cat_02.png: unpacks to more than 64 million pixels" in done.stderr
    assert not study.exists()


def test_keep_keeps_the_size(photos):
    _, study = run(photos, rows(), "--keep")
    manifest = read(study)
    assert max(manifest.blobs[s.image].width for s in manifest.specimens) == 900

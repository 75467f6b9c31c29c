"""A researcher's own images: found, refused by name, drawn small, trained on, and stored without their metadata."""

import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from ai import recipe
from ai.build import Build
from ai.check import examine
from ai.labels import BadFolder, place
from ai.originals import square
from ai.recipe import TrainingRecipe
from ai.sources import absolute, open_source
from ai.specimens.folder import Folder
from ai.train import train
from game.registry import Unknown

COLOURS = {"Red kite": (190, 60, 40), "Blue tit": (50, 90, 200)}


def photo(colour, seed, size=(96, 72)):
    rng = np.random.default_rng(seed)
    pixels = np.clip(np.array(colour) + rng.normal(0, 30, (*size[::-1], 3)), 0, 255)
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.fixture
def birds(tmp_path):
    """Forty photos in class folders: JPEG with EXIF, PNG with text, WebP."""
    root = tmp_path / "birds"
    exif = Image.Exif()
    exif[0x010E] = "a red kite, so the answer"
    for name, colour in COLOURS.items():
        (root / name).mkdir(parents=True)
        for i in range(20):
            suffix = ("jpg", "png", "webp")[i % 3]
            photo(colour, i).save(
                root / name / f"{name.split()[0]}_{i:02}.{suffix}", **({"exif": exif} if i % 3 == 0 else {})
            )
    return root


def bomb(path, side=60_000):
    """A PNG of a few kilobytes that says it unpacks to gigapixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9999)) + chunk(b"IEND", b"")
    )


def test_class_folders_are_classes(birds):
    source = Folder(birds)
    assert [s.key for s in source.species] == ["blue_tit", "red_kite"]
    assert [s.title["en"] for s in source.species] == ["Blue tit", "Red kite"]
    scenes = source.scenes(40, 3)
    assert len({s.file for s in scenes}) == 40
    assert scenes != source.scenes(40, 4)
    assert scenes[:7] == source.scenes(7, 3)
    for scene in scenes[:4]:
        drawn = source.draw(scene, 32)
        assert drawn.shape == (32, 32, 3)
        assert (drawn[..., 0].mean() > drawn[..., 2].mean()) == (scene.truth == 1)
        assert source.posterior(scene) == ()
        assert source.facts(scene) == {}, "a file's name often tells the answer"


def test_training_and_study_share_no_image(birds):
    source = Folder(birds)
    learnt, held = source.splits(5)
    study = source.scenes(0, 9, split="study")
    files = [{s.file for s in part} for part in (learnt, held, study)]
    assert sum(map(len, files)) == len(set.union(*files)) == 40
    assert study
    assert {s.file for g in (0, 1) for s in source.guide(g)} <= files[0] | files[1]
    with pytest.raises(ValueError, match="40 images in split 'all', 41 wanted"):
        source.scenes(41, 0)
    with pytest.raises(ValueError, match="split is 'test'"):
        source.scenes(1, 0, split="test")


def test_a_table_gives_truth_masks_context_and_credits(birds):
    names = sorted(p.relative_to(birds).as_posix() for p in birds.rglob("*_0*.*"))
    (birds / "masks").mkdir()
    Image.fromarray(np.pad(np.full((72, 36), 255, np.uint8), ((0, 0), (0, 60)))).save(birds / "masks" / "one.png")
    rows = ["image,truth,mask,context_season,licence,artist"]
    for n, name in enumerate(names):
        season = "winter" if "Blue" in name else "summer"
        rows.append(f"{name},{name.split('/')[0]},{'masks/one.png' if n == 0 else ''},{season},CC0-1.0,Ann {n}")
    (birds / "labels.csv").write_text("\n".join(rows) + "\n")
    source = Folder(birds)
    scenes = {s.file: s for s in source.scenes(0, 1)}
    assert len(scenes) == len(names) == 20
    one = scenes[names[0]]
    mask = source.parts(one, 24)["mask"]
    assert 0.2 < mask.mean() < 0.4
    assert not mask[:, 12:].any()
    assert source.parts(scenes[names[1]], 24) == {}
    season = source.contexts[0]
    assert source.told(one) == {"season": "winter"}
    by_key = {v.key: v.prior for v in season.values}
    assert by_key["winter"] == pytest.approx((11 / 12, 1 / 12)), "counted, one more for each class"
    assert source.credit(one).artist == "Ann 0"


def test_everything_that_is_wrong_is_refused_by_name(birds):
    (birds / "Red kite" / "cut.jpg").write_bytes((birds / "Red kite" / "Red_00.jpg").read_bytes()[:700])
    (birds / "Red kite" / "text.png").write_text("no image")
    bomb(birds / "Blue tit" / "bomb.png")
    with pytest.raises(BadFolder) as told:
        _ = Folder(birds).species
    lines = str(told.value).splitlines()
    assert len(lines) == 2
    assert "text.png: is not a readable image" in str(told.value)
    assert "bomb.png: unpacks to more than 64 million pixels" in str(told.value)
    for name in ("Red kite/text.png", "Blue tit/bomb.png"):
        (birds / name).unlink()
    source, seen = Folder(birds), []
    with pytest.raises(BadFolder, match=r"cut\.jpg: is not a readable image"):
        source.inspect(lambda done, of: seen.append((done, of)))
    assert seen[-1] == (40, 41)
    with pytest.raises(ValueError, match=r"cut\.jpg: is not a readable image"):
        square(birds / "Red kite" / "cut.jpg", 32)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("image,truth\n../secret.png,a\n", "line 2: '../secret.png' is not below the folder"),
        ("image,truth\nRed kite/Red_00.jpg,\n", "line 2: give an image and its truth"),
        ("image,truth\nnowhere.jpg,a\nRed kite/Red_00.jpg,b\n", "nowhere.jpg: is missing"),
        ("image,truth\nRed kite/Red_00.jpg,a\n", "two or more are needed"),
        ("image,truth\n", "has no rows"),
    ],
)
def test_a_bad_table_is_told_by_line(birds, table, says):
    (birds / "labels.csv").write_text(table)
    with pytest.raises(BadFolder, match=says.replace(".", r"\.")):
        _ = Folder(birds).species


def test_an_address_is_needed_and_only_where_there_is_one(tmp_path):
    with pytest.raises(ValueError, match="'folder' needs an address: folder:PATH"):
        open_source("folder")
    with pytest.raises(ValueError, match="'moths' has no address"):
        open_source("moths:here")
    with pytest.raises(Unknown):
        open_source("folders:here")
    with pytest.raises(BadFolder, match="there is no such folder"):
        _ = open_source(absolute("folder:nowhere", tmp_path)).species


@pytest.mark.slow
def test_own_images_are_trained_on_and_become_a_pack(birds):
    study = birds.parent
    (study / "pack.toml").write_text(f"""
name = "birds"
source = "folder:birds"
licence = "CC0-1.0"
image_size = 64
map_size = 32
examples = 2
title = {{ en = "Birds", fr = "Oiseaux" }}
question = {{ en = "Which bird is this?", fr = "Quel oiseau est-ce ?" }}
[models.net]
model = "small_cnn"
title = "Net"
about = "Trained on forty photos."
weights = "net.safetensors"
training = {{ seed = 1, epochs = 10, batch = 8 }}
[selection]
pool = {sum(place(p.relative_to(birds).as_posix()) >= 0.7 for p in birds.rglob("*.*"))}
right = 1
wrong = 0
practice_right = 0
practice_wrong = 0
scenes = {{ split = "study" }}
[[methods]]
method = "saliency"
""")
    manifest = Build(study, recipe.read(study)).into(study / "pack")
    assert examine(study / "pack") == (manifest, [])
    text = (study / "pack" / "manifest.json").read_text()
    assert "Red_" not in text
    assert len(manifest.specimens) == 2
    assert all(not s.posterior and s.difficulty is None for s in manifest.specimens)
    for digest in manifest.blobs:
        data = next((study / "pack" / "blobs").rglob(f"{digest}.*")).read_bytes()
        assert b"answer" not in data


@pytest.mark.slow
def test_training_on_a_folder_learns(birds):
    made = train("small_cnn", f"folder:{birds}", TrainingRecipe(seed=1, epochs=3, batch=8))
    assert made.details["held_out_accuracy"] >= 0.5


CODE = """
import resource, sys
from pathlib import Path
from ai.sources import open_source
source = open_source("folder:" + sys.argv[1])
scenes = source.scenes(0, 1)
source.inspect()
for scene in scenes:
    source.draw(scene, 64)
print(len(scenes), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_images(tmp_path, environment):
    used = []
    for n in (20, 200):
        for name, colour in COLOURS.items():
            folder = tmp_path / str(n) / name
            folder.mkdir(parents=True)
            data = photo(colour, n, (320, 240))
            for i in range(n // 2):
                data.save(folder / f"{i}.jpg", quality=60)
        done = subprocess.run(
            [sys.executable, "-c", CODE, tmp_path / str(n)], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        count, peak = map(int, done.stdout.split())
        assert count == n
        used.append(peak)
    assert used[1] - used[0] < 20_000, f"kB at 20 and at 200 images: {used}"

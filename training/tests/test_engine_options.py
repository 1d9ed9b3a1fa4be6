"""Options of `reneta train`: names, help, and what is said of those that cannot be."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields

import pytest

from reneta.training import cli
from reneta.training.options import NAMES, OptionError, Options, declared

PUBLISHED = (
    *("step", "run_through", "seed", "epochs_pretrain", "epochs_retrain", "batch_size", "batch_size_eval"),
    *("lr", "lr_end", "lr_schedule", "decay_factor", "patience", "weight_decay", "grad_clip_val", "opt"),
    *("thx", "thh", "rnn_type", "rnn_layers", "rnn_size", "rnn_dropout", "model_pretrain", "model_retrain"),
    *("qa", "aqi", "aqf", "qw", "wqi", "wqf", "bw_acc", "use_hardsigmoid", "use_hardtanh", "beta", "cbtd"),
    *("gamma_rnn", "alpha_anneal_epoch", "num_array_pe", "il_mode", "num_learned_classes"),
    *("num_new_classes", "num_exemplars", "use_cuda", "data_dir", "cfg_feat", "dataset"),
)


def test_the_published_names_are_there() -> None:
    assert set(PUBLISHED) <= set(NAMES)


def test_values_are_read() -> None:
    options = cli.parse(["--lr", "0.5", "--cbtd", "1", "--thresholds", "0,0.25", "--rnn_type", "GRU"])
    assert (options.lr, options.cbtd, options.thresholds, options.rnn_type) == (0.5, True, (0, 0.25), "GRU")
    assert options == Options(lr=0.5, cbtd=True, thresholds=(0, 0.25), rnn_type="GRU")


def test_a_word_gives_the_value_it_was_made_of() -> None:
    options = Options(thresholds=(0.0, 0.125), lr=0.05, cbtd=True, words="yes,no")
    for name in NAMES:
        if getattr(options, name) is not None:
            assert declared(name).parse(options.words_of(name)) == getattr(options, name), name


def test_help_shows_every_option_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["--help"])
    assert left.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    for entry in fields(Options):
        assert f"--{entry.name} " in shown
    assert "(default: 0,0.05,0.1,0.15,0.2,0.3,0.5)" in shown
    assert shown.count("(default: ") == len(NAMES)


def test_help_does_not_wait_for_torch() -> None:
    code = "import sys; from reneta.training import cli; cli.parser(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--epochs_pretran", "3"], "no option --epochs_pretran: did you mean --epochs_pretrain?"),
        (["--zzz", "3"], "no option --zzz: --help lists the options"),
        (["--lr", "fast"], "--lr: 'fast' is no number"),
        (["--lr", "nan"], "--lr: 'nan' is no number"),
        (["--seed", "1.5"], "--seed: '1.5' is no whole number"),
        (["--cbtd", "yes"], "--cbtd: 'yes' is neither 0 nor 1"),
        (["--step", "tarin"], "--step tarin: there are synthesize, prepare"),
        (["--rnn_type", "RNN"], "--rnn_type RNN: there are LSTM, GRU"),
        (["--rnn_size", "0"], "--rnn_size 0: give at least 1"),
        (["--thx", "-0.1"], "--thx -0.1: give 0 or more"),
        (["--lr", "0"], "--lr 0: give more than 0"),
        (["--lr", "1e-4"], "--lr_end 0.0003 is above --lr 0.0001"),
        (["--lr_retrain", "1e-4"], "--lr_end 0.0003 is above --lr_retrain 0.0001"),
        (["--decay_factor", "1"], "--decay_factor 1: give"),
        (["--gamma_rnn", "1"], "--gamma_rnn 1: give 0 to less than 1"),
        (["--rnn_dropout", "0.1"], "--rnn_dropout works between layers: give --rnn_layers 2"),
        (["--bf16", "1", "--qa", "1"], "--bf16 1 excludes --qa 1"),
        (["--mqi", "8"], "--mqi and --mqf go together"),
        (["--bw_acc", "32"], "need --qa 1 and --qw 1"),
        (["--qa", "1", "--qw", "1", "--bw_acc", "22"], "--bw_acc 22: 22 bits are fraction"),
        (["--cbtd", "1", "--rnn_size", "3"], "--num_array_pe 16 does not divide the 12 rows"),
        (["--il_mode", "1", "--step", "test"], "--il_mode 1 goes with --step pretrain and retrain"),
        (["--il_mode", "1", "--num_learned_classes", "5"], "give --num_learned_classes 0, or --step retrain"),
        (["--il_stages", "5,5"], "--il_stages 5,5: give numbers that rise"),
        (["--thresholds", "0.1,-1"], "--thresholds 0.1,-1: give 0 or more"),
        (["--rnn_types", "LSTM,RNN"], "--rnn_types LSTM,RNN: give some of LSTM,GRU"),
    ],
)
def test_a_mistake_is_one_line_and_code_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("reneta train: ")
    assert told.err.count("\n") == 1
    assert said in told.err


def test_the_library_refuses_them_too() -> None:
    with pytest.raises(OptionError, match="--batch_size 0"):
        Options(batch_size=0)

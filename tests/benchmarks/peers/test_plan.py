"""The order of measurements."""

import pytest

from benchmarks.peers.plan import CONTENDERS, KINDS, MODELS, plan


def jobs(**changed):
    settings = {
        "kinds": ("encode", "train", "raw"),
        "models": ("deepfm", "lightgbm"),
        "repetitions": 2,
        "own_models": ("deepfm",),
    }
    return plan(**(settings | changed))


def test_contenders_take_turns_and_another_one_starts():
    encoders = [
        [
            job.contender.name
            for job in jobs()
            if job.kind == "encode" and job.repetition == r
        ]
        for r in (0, 1)
    ]

    assert encoders[0] == ["FuxiCTR", "pandas + LabelEncoder", "fieldwise"]
    assert encoders[1] == ["pandas + LabelEncoder", "fieldwise", "FuxiCTR"]


def test_a_kind_is_finished_before_the_next_one_starts():
    kinds = [job.kind for job in jobs(repetitions=1)]

    assert kinds == sorted(kinds, key=["encode", "train", "raw"].index)


def test_every_key_names_one_job():
    everything = jobs(kinds=KINDS, models=MODELS, own_models=MODELS)

    assert len({job.key for job in everything}) == len(everything)


def test_once_is_once():
    trees = [job for job in jobs() if job.contender.name == "LightGBM"]

    assert [job.repetition for job in trees] == [0]


def test_a_model_fieldwise_does_not_have_is_measured_for_the_others():
    found = jobs(kinds=("train",), models=("autoint",), repetitions=1)

    names = [job.contender.name for job in found]
    assert names == ["FuxiCTR", "DeepCTR-Torch", "torch-rechub"]
    assert {job.part for job in found} == {"train_small"}


def test_a_model_is_measured_for_those_who_have_it():
    found = jobs(
        kinds=("train",), models=("finalmlp",), own_models=MODELS, repetitions=1
    )

    names = [job.contender.name for job in found]
    assert names == ["FuxiCTR", "fieldwise", "fieldwise native", "fieldwise bf16"]
    assert {job.part for job in found} == {"train_small"}


def test_without_a_checkout_fuxictr_is_left_out():
    assert "FuxiCTR" not in {job.contender.name for job in jobs(fuxictr=False)}


def test_scale_is_encoded_before_it_is_trained_on():
    found = jobs(kinds=("scale",))

    assert [(job.kind, job.scale) for job in found] == [("encode", 4), ("train", 4)]


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda item: item.name)
def test_whoever_trains_has_somebody_who_encodes(contender):
    encoders = {item.name for item in CONTENDERS if "encode" in item.kinds}

    assert contender.encoded_by in encoders or contender.models == ("lightgbm",)

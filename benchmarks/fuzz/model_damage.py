"""Damage to what the manifest says of the model: gigantic, endless, of another kind."""

from benchmarks.fuzz.folder import MANIFEST, Damage, Folder
from benchmarks.fuzz.json_damage import WEIRD
from fieldwise.models import MODELS, model_arguments

__all__ = ["MODEL_DAMAGE"]

HUGE = (10**4, 10**5, 10**6, 10**9, 2**31, 2**40, 10**30)
LISTS = ((10**9,), (10**9, 10**9), (1,) * 3000, (1,) * 200_000, (10**5,) * 50)


def huge_size(folder: Folder) -> None:
    """One argument that is a size or a number of layers becomes enormous."""
    manifest = folder.json(MANIFEST)
    name = manifest["model"]["name"]
    known = model_arguments(name)
    sizes = [key for key, value in known.items() if _is_size(key, value)]
    if not sizes:
        return
    key = folder.rng.choice(sizes)
    if isinstance(known[key], tuple):
        manifest["model"]["arguments"][key] = folder.rng.choice(LISTS)
    else:
        manifest["model"]["arguments"][key] = folder.rng.choice(HUGE)
    folder.write_json(manifest, MANIFEST)


def weird_argument(folder: Folder) -> None:
    manifest = folder.json(MANIFEST)
    known = [*model_arguments(manifest["model"]["name"]), "schema", "self", "__class__"]
    arguments = manifest["model"]["arguments"]
    arguments[folder.rng.choice(known)] = folder.rng.choice(WEIRD)
    folder.write_json(manifest, MANIFEST)


def other_model(folder: Folder) -> None:
    manifest = folder.json(MANIFEST)
    names = [*MODELS, "__class__", "os.system", "../lr", "LR", "lr "]
    manifest["model"]["name"] = folder.rng.choice(names)
    if folder.rng.random() < 0.5:
        manifest["model"]["arguments"] = {}
    folder.write_json(manifest, MANIFEST)


def huge_field(folder: Folder) -> None:
    """A field that says it has millions of values, edges or dimensions."""
    manifest = folder.json(MANIFEST)
    field = folder.rng.choice(manifest["schema"]["fields"])
    sizes = [key for key in field if _is_size(key, field[key])]
    if "edges" in field and folder.rng.random() < 0.3:
        field["edges"] = [float(edge) for edge in range(10**5)]
    elif sizes:
        field[folder.rng.choice(sizes)] = folder.rng.choice((*HUGE, 2**31 - 1))
    folder.write_json(manifest, MANIFEST)


def many_labels(folder: Folder) -> None:
    manifest = folder.json(MANIFEST)
    labels = manifest["schema"]["labels"]
    number = folder.rng.choice((1, 50, 20_000))
    labels += [{**labels[0], "name": f"more{place}"} for place in range(number)]
    folder.write_json(manifest, MANIFEST)
    states = folder.json("calibrator.json")
    folder.write_json(states + states[:1] * number, "calibrator.json")


def _is_size(key: str, value: object) -> bool:
    if isinstance(value, tuple):
        return bool(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number or key in {"num_orders", "max_size", "num_features", "vector_dim"}


MODEL_DAMAGE: dict[str, Damage] = {
    "huge model": huge_size,
    "weird argument": weird_argument,
    "another model": other_model,
    "huge field": huge_field,
    "thousands of labels": many_labels,
}

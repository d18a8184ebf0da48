"""Prints as JSON what `kubectl kustomize` would print of a folder with some components on top.

    render.py [--validate VERSION... | --kustomize] FOLDER [COMPONENT...]

Without Kustomize it does what the repository's files need and refuses the rest. What Kustomize adds to the names of
ConfigMaps is left out, and lists whose order says nothing are sorted, so that both print the same.

--validate prints instead what is wrong by the strict schemas of these versions of Kubernetes, and which kinds have none.
--kustomize has the `kubectl` of this machine render it.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

# Lists that a patch is merged into by a key of their items; any other list is replaced.
MERGED = {"containers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath"}
FIELDS = {"apiVersion", "kind", "namespace", "resources", "components", "patches", "configMapGenerator", "images"}


def documents(file):
    return [document for document in yaml.safe_load_all(file.read_text()) if document]


def identity(document):
    return document["apiVersion"], document["kind"], document["metadata"]["name"]


def merged(target, patch, field=None):
    """The target with the patch on it, as a strategic merge does it."""
    if isinstance(target, dict) and isinstance(patch, dict):
        result = dict(target)
        for key, value in patch.items():
            if value is None:
                result.pop(key, None)
            else:
                result[key] = merged(result.get(key), value, key)
        return result
    if isinstance(target, list) and field in MERGED:
        key = MERGED[field]
        items = {item[key]: item for item in target}
        for item in patch:
            items[item[key]] = merged(items.get(item[key]), item)
        return list(items.values())
    return patch


def variables(file):
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def generate(resources, folder, generator):
    data = {}
    for file in generator["envs"]:
        data |= variables(folder / file)
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": data}
    if labels := generator.get("options", {}).get("labels"):
        made["metadata"]["labels"] = labels
    if generator.get("behavior") == "merge":
        patch(resources, made)
    else:
        resources[identity(made)] = made


def patch(resources, change):
    if identity(change) not in resources:
        raise SystemExit(f"a patch of what is not there: {identity(change)}")
    resources[identity(change)] = merged(resources[identity(change)], change)


def retag(resources, images):
    for document in resources.values():
        pod = document.get("spec", {}).get("template", {}).get("spec", {})
        for container in pod.get("containers", []):
            name, _, tag = container["image"].partition(":")
            for image in images:
                if image["name"] == name:
                    name, tag = image.get("newName", name), image.get("newTag", tag)
                    container["image"] = f"{name}:{tag}"
                    break


def add(resources, folder):
    """Adds what a kustomization or component makes to what is there."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    if unknown := kustomization.keys() - FIELDS:
        raise SystemExit(f"{folder}: this renders no {sorted(unknown)}")
    for name in kustomization.get("resources", []):
        path = folder / name
        made = {}
        if path.is_dir():
            add(made, path)
        else:
            made = {identity(document): document for document in documents(path)}
        if twice := made.keys() & resources.keys():
            raise SystemExit(f"{path}: {twice} is there already")
        resources |= made
    for name in kustomization.get("components", []):
        add(resources, folder / name)
    for generator in kustomization.get("configMapGenerator", []):
        generate(resources, folder, generator)
    for change in kustomization.get("patches", []):
        for document in documents(folder / change["path"]):
            patch(resources, document)
    if namespace := kustomization.get("namespace"):
        for document in resources.values():
            if document["kind"] != "Namespace":
                document["metadata"]["namespace"] = namespace
    retag(resources, kustomization.get("images", []))


def rendered(folder, components):
    resources = {}
    add(resources, folder)
    for component in components:
        add(resources, component)
    return list(resources.values())


def by_kustomize(folder, components):
    with tempfile.TemporaryDirectory() as place:
        here = lambda path: os.path.relpath(path.resolve(), Path(place).resolve())
        top = {"resources": [here(folder)], "components": [here(component) for component in components]}
        (Path(place) / "kustomization.yaml").write_text(yaml.safe_dump(top))
        said = subprocess.run(["kubectl", "kustomize", place], check=True, capture_output=True, text=True).stdout
    made = [document for document in yaml.safe_load_all(said) if document]
    names = [document["metadata"]["name"] for document in made if document["kind"] == "ConfigMap"]
    text = json.dumps(made)
    for name in names:
        text = text.replace(name, re.sub("-[0-9a-z]{10}$", "", name))
    return json.loads(text)


def in_order(value, field=None):
    """The value with the lists sorted whose order says nothing."""
    if isinstance(value, dict):
        return {key: in_order(value[key], key) for key in sorted(value)}
    if isinstance(value, list):
        items = [in_order(item) for item in value]
        return sorted(items, key=lambda item: item[MERGED[field]]) if field in MERGED else items
    return value


def validated(made, versions):
    import kubernetes_validate

    errors, unknown = [], set()
    for version in versions:
        for document in made:
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                where = ".".join(str(step) for step in error.path)
                errors.append(f"{version}: {identity(document)}: {where}: {error.message}")
            except kubernetes_validate.SchemaNotFoundError:
                unknown.add(f"{document['apiVersion']} {document['kind']}")
    return {"errors": errors, "unknown": sorted(unknown)}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--validate", action="append", default=[])
    arguments.add_argument("--kustomize", action="store_true")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("components", type=Path, nargs="*")
    given = arguments.parse_args()
    render = by_kustomize if given.kustomize else rendered
    made = sorted(in_order(render(given.folder, given.components)), key=identity)
    json.dump(validated(made, given.validate) if given.validate else made, sys.stdout)


main()

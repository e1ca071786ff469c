"""What a module of a function does that matters where it runs, read from its source alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from openapi_shim.packaging.newer_names import SINCE

_CLOUD = "openapi_shim.cloud"
_OPENAPI = _CLOUD + ".openapi."
_NEW_CLOUDS = (f"{_CLOUD}.createNewInstance", f"{_CLOUD}.Cloud", "openapi_shim.Cloud")
_MISSING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException", "AttributeError"}

# Calls that answer in the machine's own zone, by how many arguments leave it to the machine.
_LOCAL_CLOCK = {
    "datetime.datetime.now": 0,
    "datetime.datetime.today": 0,
    "datetime.datetime.fromtimestamp": 1,
    "datetime.date.today": 0,
    "datetime.date.fromtimestamp": 1,
    "time.localtime": 1,
    "time.ctime": 1,
    "time.strftime": 1,
}


@dataclass
class CodeFacts:
    """What was found in one module; every list has lines.

    Attributes:
        operations: cloud calls, e.g. ``ocr.driverLicense``.
        imports: top names of modules that must be there.
        newer: names that came with a later Python, and with which.
        local_clock: calls that answer in the machine's time zone.
        user_info: where ``event["userInfo"]`` is read.
        main: the line of ``main``, and whether it is asynchronous; None without.
    """

    operations: list[tuple[str, int]] = field(default_factory=list)
    imports: list[tuple[str, int]] = field(default_factory=list)
    newer: list[tuple[str, tuple[int, int], int]] = field(default_factory=list)
    local_clock: list[tuple[str, int]] = field(default_factory=list)
    user_info: list[int] = field(default_factory=list)
    main: tuple[int, bool] | None = None


def scan(tree: ast.Module) -> CodeFacts:
    """The facts about one module."""
    visitor = _Visitor()
    visitor.learn_names(tree)
    visitor.visit(tree)
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == "main":
            visitor.facts.main = node.lineno, isinstance(node, ast.AsyncFunctionDef)
    return visitor.facts


class _Visitor(ast.NodeVisitor):
    def __init__(self) -> None:
        self.facts = CodeFacts()
        self._names: dict[str, str] = {}
        self._guarded = 0

    def learn_names(self, tree: ast.Module) -> None:
        """What imported names, and names for parts of them, stand for; in one scope for all."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    self._names[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    self._names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            elif isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                self._names.setdefault(node.name, "")  # its own, whatever else has that name
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target = node.targets[0]
                meant = self._path(node.value)
                if isinstance(target, ast.Name) and meant:
                    self._names.setdefault(target.id, meant)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._imported(alias.name, node.lineno)
            self._newer(alias.name, node.lineno)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or not node.module or node.module == "__future__":
            return
        self._imported(node.module, node.lineno)
        self._newer(node.module, node.lineno)
        for alias in node.names:
            self._newer(f"{node.module}.{alias.name}", node.lineno)

    def visit_Try(self, node: ast.Try) -> None:
        tolerant = any(_catches_missing(handler) for handler in node.handlers)
        self._visit_all(node.body, guarded=tolerant)
        self._visit_all([*node.handlers, *node.orelse, *node.finalbody], guarded=tolerant)

    def visit_If(self, node: ast.If) -> None:
        test = ast.unparse(node.test)
        elsewhere = "TYPE_CHECKING" in test or "version_info" in test or "sys.platform" in test
        self.visit(node.test)
        self._visit_all([*node.body, *node.orelse], guarded=elsewhere)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and node.id not in self._names:
            self._newer(node.id, node.lineno)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        path = self._path(node)
        if path:
            self._newer(path, node.lineno)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Load) and _is_user_info(node.slice):
            self.facts.user_info.append(node.lineno)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        path = self._path(node.func) or ""
        if path.startswith(_OPENAPI):
            self.facts.operations.append((path.removeprefix(_OPENAPI), node.lineno))
        enough = _LOCAL_CLOCK.get(path)
        given = len(node.args) + len(node.keywords)
        if enough is not None and given <= enough:
            self.facts.local_clock.append((f"{path}()", node.lineno))
        getter = isinstance(node.func, ast.Attribute) and node.func.attr in {"get", "pop"}
        if getter and node.args and _is_user_info(node.args[0]):
            self.facts.user_info.append(node.lineno)
        self.generic_visit(node)

    def _path(self, node: ast.expr) -> str | None:
        """*node* as a dotted name from its module on, or None."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self._path(node.value)
            return base and f"{base}.{node.attr}"
        if isinstance(node, ast.Call):
            called = self._path(node.func)
            if called in _NEW_CLOUDS:
                return _CLOUD
            # cloud.openapi({...}) gives the same names, with other options
            return called if called == _OPENAPI.rstrip(".") else None
        return None

    def _visit_all(self, nodes: Iterable[ast.AST], *, guarded: bool) -> None:
        self._guarded += guarded
        for node in nodes:
            self.visit(node)
        self._guarded -= guarded

    def _imported(self, module: str, line: int) -> None:
        if not self._guarded:
            self.facts.imports.append((module.partition(".")[0], line))

    def _newer(self, name: str, line: int) -> None:
        if name in SINCE and not self._guarded:
            self.facts.newer.append((name, SINCE[name], line))


def _is_user_info(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == "userInfo"


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    return bool(names & _MISSING)

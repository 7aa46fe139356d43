"""Operations found by their names in the service folders, for services whose registry is not written yet."""

import importlib
import pkgutil

from botocore import xform_name

from gatewright import controlplane
from gatewright.controlplane import registry
from gatewright.wire.services import load_service


def discover_operations():
    found = {service: dict(table) for service, table in registry.OPERATIONS.items()}
    for service in ("apigateway", "acm"):
        names = {xform_name(name): name for name in load_service(service).operation_names}
        table = found.setdefault(service, {})
        left_out = registry.UNIMPLEMENTED.get(service, {})
        package = importlib.import_module(f"{controlplane.__name__}.{service}")
        for module in pkgutil.iter_modules(package.__path__):
            try:
                loaded = importlib.import_module(f"{package.__name__}.{module.name}")
            except Exception as error:  # noqa: BLE001
                print(f"{module.name} cannot be imported: {error!r}")
                continue
            for name in names.keys() & vars(loaded).keys():
                if names[name] not in left_out:
                    table.setdefault(names[name], getattr(loaded, name))
    return found

"""A process that commits transactions of several records and says the number of each after its commit.

Usage: keep_committing.py FOLDER NAME COUNT
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gatewright.model.records import AccessKeyRecord, EndpointConfiguration, RequestValidator, RestApi
from support.stores import make_store


def main(folder: Path, name: str, count: int) -> None:
    store = make_store(folder)
    for n in range(1, count + 1):
        with store.transaction() as transaction:
            counter = transaction.get(RestApi, "1", "us-east-1", "counter")
            version = str(int(counter.version) + 1) if counter and counter.version else "1"
            endpoint = EndpointConfiguration(("REGIONAL",))
            transaction.put(RestApi("1", "us-east-1", "counter", "pets", "root", 1.0, endpoint, version=version))
            for part in "xyz":
                transaction.put(RequestValidator("1", "us-east-1", name, f"{n}-{part}"))
            key = AccessKeyRecord("1", "", f"{name}-{n}", "arn", "user", 1.0)
            transaction.put(key)
            transaction.put_secret(key.secret_name, key.id.encode())
        print(n, flush=True)
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

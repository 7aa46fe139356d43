"""A resolver that asks another server, and still has an old address for some names.

with LateResolver(gateway.dns_port) as resolver:
    resolver.late_names = {"www.example.com"}      # an address of yesterday: 127.0.0.9
    resolver.port
"""

import select
import socket
import threading

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

OLD_ADDRESS = "127.0.0.9"


class LateResolver:
    """UDP on 127.0.0.1; every wait ends."""

    def __init__(self, upstream_port: int) -> None:
        self.late_names: set[str] = set()
        self._upstream = ("127.0.0.1", upstream_port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def port(self) -> int:
        """Where it is asked."""
        return self._socket.getsockname()[1]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            if select.select([self._socket], [], [], 0.1)[0]:
                query, client = self._socket.recvfrom(4096)
                answer = self._answer(query)
                if answer is not None:
                    self._socket.sendto(answer, client)

    def _answer(self, wire: bytes) -> bytes | None:
        query = dns.message.from_wire(wire)
        (question,) = query.question
        name = str(question.name).rstrip(".").lower()
        if name in self.late_names:
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            if question.rdtype == dns.rdatatype.A:
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", OLD_ADDRESS))
            return answer.to_wire()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.settimeout(2)
            asked.sendto(wire, self._upstream)
            try:
                return asked.recv(4096)
            except TimeoutError:
                return None

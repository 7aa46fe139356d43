"""What a request costs, measured: Gatewright's HTTPS path beside nginx, HAProxy and Envoy in one run.

`python -m bench` (or `make bench`) starts a backend and the proxies on loopback, lets them take turns under the same load,
and prints CPU time a request and latency with ratios to nginx and Envoy. See README.md for what it needs, RESULTS.md for
how to read it.
"""

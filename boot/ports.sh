#!/bin/bash
# Opens TCP ports in the machine's own firewall: COS drops inbound traffic but SSH. The VPC firewall still decides who
# reaches them. Source: https://cloud.google.com/container-optimized-os/docs/how-to/firewall.
set -euo pipefail

: "${OPEN_PORTS:?}"
for port in $OPEN_PORTS; do
  rule=(INPUT --protocol tcp --dport "$port" --jump ACCEPT)
  # A unit may be started again without a reboot: never the same rule twice.
  iptables --wait --check "${rule[@]}" 2>/dev/null || iptables --wait --append "${rule[@]}"
done

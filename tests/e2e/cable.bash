# shellcheck shell=bash
# shellcheck disable=SC2034 # for those who load it
# SPDX-License-Identifier: MIT
#
# Two network namespaces, 'near' and 'far', and a cable between them. Needs root.

near=vc-near-$$ far=vc-far-$$

# 10.77.0.1 and fd77::1 are near, .2 and ::2 are far.
lay_cable()
{
	local ns n=1

	ip netns add "$near"
	ip netns add "$far"
	ip -n "$near" link add cable type veth peer name cable netns "$far"
	for ns in "$near" "$far"; do
		# An address is good at once, not only when nobody has it.
		ip netns exec "$ns" sysctl -qw \
			net.ipv6.conf.cable.accept_dad=0
		ip -n "$ns" link set lo up
		ip -n "$ns" link set cable up
		ip -n "$ns" address add "10.77.0.$n/24" dev cable
		ip -n "$ns" address add "fd77::$n/64" dev cable
		n=$((n + 1))
	done
}

# If there is one.
cut_cable()
{
	ip netns del "$near" 2>/dev/null || :
	ip netns del "$far" 2>/dev/null || :
}

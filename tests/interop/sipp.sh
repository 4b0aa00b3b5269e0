#!/bin/bash
# SPDX-License-Identifier: MIT
#
#   sipp.sh [u1|t1]
#
# A call between two SIPps on the loopback interface, by UDP or by TCP: alice
# sends what Debian's package has, 4.5 s of PCMA and the digit 1, and bob sends
# it back.
set -eu

own=/usr/share/sip-tester
cat >uac.xml <<END
<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="caller">
<send retrans="500"><![CDATA[

INVITE sip:bob@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: alice <sip:alice@[local_ip]:[local_port]>;tag=[call_number]
To: bob <sip:bob@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: sip:alice@[local_ip]:[local_port]
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=alice 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000

]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="200"/>
<send><![CDATA[

ACK sip:bob@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: alice <sip:alice@[local_ip]:[local_port]>;tag=[call_number]
To: bob <sip:bob@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<nop><action><exec play_pcap_audio="$own/g711a.pcap"/></action></nop>
<pause milliseconds="4500"/>
<nop><action><exec play_pcap_audio="$own/dtmf_2833_1.pcap"/></action></nop>
<pause milliseconds="1500"/>
<send retrans="500"><![CDATA[

BYE sip:bob@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: alice <sip:alice@[local_ip]:[local_port]>;tag=[call_number]
To: bob <sip:bob@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
END
sipp -sd uas >uas.xml || : # it always fails
sed -i 's|^m=audio.*|m=audio [media_port] RTP/AVP 8 101|
	s|^a=rtpmap:0.*|a=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000|
	/<timewait/d' uas.xml
# By TCP the caller's end would come in that time, and be a failure.
side=(sipp -m 1 -nostdin -t "${1-u1}" -i 127.0.0.1 -mi 127.0.0.1)
# By UDP the caller asks until the other one is there.
"${side[@]}" -sf uas.xml -p 5070 -mp 6000 -rtp_echo >uas.log 2>&1 &
until [ "${1-u1}" = u1 ] || grep -q ":$(printf %04X 5070) 00000000:0000 0A" \
	/proc/net/tcp; do
	read -r -t 0.05 <> <(:) || :
done
"${side[@]}" -sf uac.xml -p 5060 -mp 7000 127.0.0.1:5070 >uac.log 2>&1
wait $!

/* /proc/net/packet: the sockets that take whole packets, of one network namespace. A ring that such
 * a socket has is not shown. Source: net/packet/af_packet.c, packet_seq_show(). */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

struct packet_sockets {
    uint64_t *inodes; /* owned: of each socket, as in "socket:[INODE]" */
    size_t count;
    uint64_t queued_bytes; /* Rmem of all: packets that wait; saturates */
};

void packet_sockets_deinit(struct packet_sockets *sockets);
bool packet_sockets_parse(struct slice text, struct packet_sockets *out, struct failure *why);

/* Memory that waits between programs and is in no line of /proc/meminfo. */
#include "tests/machine/takes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIPE_BYTES   (1 << 20)
#define SOCKET_BYTES (4 << 20)
#define BLOCK_BYTES  (64 << 10)

static char payload[64 << 10];

/* Pipes, each full: a page for each page written. */
uint64_t take_pipes(uint64_t bytes, const char *folder)
{
    (void)folder;
    uint64_t taken = 0;
    while (taken < bytes) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
            give_up("pipe");
        if (fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES) < 0)
            give_up("F_SETPIPE_SZ");
        ssize_t written;
        while ((written = write(ends[1], payload, sizeof payload)) > 0)
            taken += (uint64_t)written;
        if (errno != EAGAIN)
            give_up("write to a pipe");
    }
    return taken;
}

static void set_buffers(int fd)
{
    int size = SOCKET_BYTES;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
        give_up("SO_SNDBUFFORCE");
}

/* Writes until neither the receiver nor the sender has room left. */
static uint64_t fill_connection(int listener, const struct sockaddr_in *address)
{
    uint64_t taken = 0;
    int sender = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (sender < 0)
        give_up("socket");
    set_buffers(sender);
    if (connect(sender, (const struct sockaddr *)address, sizeof *address) < 0)
        give_up("connect");
    if (accept4(listener, NULL, NULL, SOCK_CLOEXEC) < 0)
        give_up("accept");
    ssize_t sent;
    while ((sent = send(sender, payload, sizeof payload, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
        taken += (uint64_t)sent;
    if (errno != EAGAIN)
        give_up("send");
    return taken;
}

/* Connections over the loopback, sent to and never read. */
uint64_t take_tcp(uint64_t bytes, const char *folder)
{
    (void)folder;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0)
        give_up("socket");
    set_buffers(listener); /* accepted connections have the same */
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, 16) < 0 || getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        give_up("listen");
    uint64_t taken = 0;
    while (taken < bytes)
        taken += fill_connection(listener, &address);
    return taken;
}

/* A ring for received packets that nobody maps; bound to no interface, it stays empty. */
uint64_t take_packet_ring(uint64_t bytes, const char *folder)
{
    (void)folder;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0)
        give_up("socket");
    struct tpacket_req ring = {.tp_block_size = BLOCK_BYTES, .tp_frame_size = 2048};
    ring.tp_block_nr = (unsigned)(bytes / BLOCK_BYTES);
    ring.tp_frame_nr = ring.tp_block_nr * (BLOCK_BYTES / 2048);
    if (setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring) < 0)
        give_up("PACKET_RX_RING");
    return (uint64_t)ring.tp_block_nr * BLOCK_BYTES;
}

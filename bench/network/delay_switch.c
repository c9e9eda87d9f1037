/*
 * A switch that delivers every Ethernet frame a fixed time after it came in, whatever the kernel was built with.
 *
 *   delay_switch MICROSECONDS INTERFACE INTERFACE...
 *
 * It prints "ready" when frames are being carried, and runs until it is told to end or its parent is gone. Where an
 * address lives is learnt from the frames that come from it; a frame for an address not yet seen goes to everybody.
 * Frames carry the kernel's notes on checksums and segments that are still to be made (PACKET_VNET_HDR), so senders
 * need not be kept from leaving these to their interface, and a segment may be as long as 64 KiB.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

enum { MOST_PORTS = 16, FRAMES = 1024, ADDRESS = 6, NOTES = sizeof(struct virtio_net_hdr), ROOM = NOTES + (1 << 16) };

typedef struct frame {
  int64_t due; /* nanoseconds of the monotonic clock */
  size_t length;
  int port; /* where it came in */
  unsigned char data[ROOM];
} frame;

/* All frames wait equally long, so they leave in the order in which they came: head is the oldest. */
typedef struct delay_switch {
  int64_t delay;
  int ports;
  struct pollfd sockets[MOST_PORTS];
  unsigned char addresses[MOST_PORTS][ADDRESS]; /* the one last seen behind each port */
  frame *frames;
  unsigned long head, tail; /* frames[head % FRAMES], ..., frames[(tail - 1) % FRAMES] are waiting */
} delay_switch;

static int64_t now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A packet socket on the interface that sees what comes in, but not what it sends itself; -1 with errno. */
static int open_port(const char *interface)
{
  const int yes = 1, buffer = 1 << 23;
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
  address.sll_ifindex = (int)if_nametoindex(interface);
  const int port = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (port < 0 || address.sll_ifindex == 0) return -1;
  if (setsockopt(port, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) != 0) return -1;
  if (setsockopt(port, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes) != 0) return -1;
  if (setsockopt(port, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) != 0) return -1;
  if (setsockopt(port, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer) != 0) return -1;
  return bind(port, (const struct sockaddr *)&address, sizeof address) == 0 ? port : -1;
}

/* Takes in what has arrived at a port. What finds no room stays in the socket's buffer. */
static void take_in(delay_switch *self, int port)
{
  while (self->tail - self->head < FRAMES) {
    frame *next = &self->frames[self->tail % FRAMES];
    const ssize_t length = recv(self->sockets[port].fd, next->data, ROOM, MSG_TRUNC);
    if (length < 0) return;
    if (length < NOTES + ETH_HLEN || length > ROOM) continue;
    next->due = now() + self->delay;
    next->length = (size_t)length;
    next->port = port;
    memcpy(self->addresses[port], next->data + NOTES + ADDRESS, ADDRESS);
    self->tail++;
  }
}

/* The port behind which a frame's destination lives, or -1. */
static int port_of(const delay_switch *self, const frame *waiting)
{
  for (int port = 0; port < self->ports; port++) {
    if (memcmp(self->addresses[port], waiting->data + NOTES, ADDRESS) == 0) return port;
  }
  return -1;
}

/* A frame that an interface refuses is lost, as on a wire; TCP sends it again. */
static void deliver(const delay_switch *self, const frame *waiting)
{
  const int known = port_of(self, waiting);
  for (int port = 0; port < self->ports; port++) {
    if (port == waiting->port || (known >= 0 && port != known)) continue;
    if (send(self->sockets[port].fd, waiting->data, waiting->length, 0) < 0) perror("delay_switch: send");
  }
}

static void deliver_due(delay_switch *self)
{
  for (; self->head < self->tail; self->head++) {
    const frame *oldest = &self->frames[self->head % FRAMES];
    if (oldest->due > now()) return;
    deliver(self, oldest);
  }
}

/* Sleeps until a frame comes in or the oldest one is due. */
static void await_frames(delay_switch *self)
{
  int64_t left = 1000000000;
  if (self->head < self->tail) left = self->frames[self->head % FRAMES].due - now();
  if (left < 0) left = 0;
  const struct timespec limit = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
  if (ppoll(self->sockets, (nfds_t)self->ports, &limit, NULL) < 0 && errno != EINTR) {
    perror("delay_switch: ppoll");
    exit(1);
  }
}

int main(int argc, char **argv)
{
  delay_switch self = {.ports = argc - 2};
  char *end = NULL;
  if (self.ports >= 2 && self.ports <= MOST_PORTS) self.delay = strtoll(argv[1], &end, 10) * 1000;
  if (end == NULL || *end != '\0' || self.delay < 0) {
    fprintf(stderr, "usage: delay_switch MICROSECONDS INTERFACE INTERFACE... (at most %d)\n", MOST_PORTS);
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  prctl(PR_SET_TIMERSLACK, 1000UL);
  self.frames = malloc(FRAMES * sizeof *self.frames);
  if (self.frames == NULL) return fputs("delay_switch: out of memory\n", stderr), 1;
  for (int port = 0; port < self.ports; port++) {
    self.sockets[port] = (struct pollfd){.fd = open_port(argv[2 + port]), .events = POLLIN};
    if (self.sockets[port].fd < 0) return perror(argv[2 + port]), 1;
  }
  puts("ready");
  fflush(stdout);
  for (;;) {
    await_frames(&self);
    for (int port = 0; port < self.ports; port++) take_in(&self, port);
    deliver_due(&self);
  }
}

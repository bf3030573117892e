/* Load on an HTTP/1.1 server: CONNECTIONS at once for SECONDS, each sends the next request when it
 * has the whole answer. Every answer's status is looked at; what is not the expected one is bad.
 *
 *   httpload PORT PATH BODY_BYTES CONNECTIONS SECONDS STATUS     GET when BODY_BYTES is 0, else POST
 *
 * Prints requests_per_second=N p50_us=N p99_us=N requests=N bad=N. Linux, loopback, one thread. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 16 * 1024, MOST = 4096, BUCKETS = 2 * 1000 * 1000 };

struct connection {
    int fd;
    size_t have;    /* bytes of the answer that are in `in` */
    long long left; /* bytes of its body that are to come; -1 before its head is whole */
    int64_t sent_at;
    char in[ROOM];
};

static struct sockaddr_in server;
static char *request;
static size_t request_length;
static int expected, polled;
static uint64_t done, bad;
static uint32_t *by_microsecond;

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void send_one(struct connection *c) {
    c->have = 0;
    c->left = -1;
    c->sent_at = now_us();
    if (send(c->fd, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) bad++;
}

static void open_one(struct connection *c) {
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&server, sizeof server) < 0) fail("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(polled, EPOLL_CTL_ADD, c->fd, &e) < 0) fail("epoll_ctl");
    send_one(c);
}

/* The head is in c->in, and its last line ends at `end`: what the status is, and how long the body. */
static int head(struct connection *c, char *end) {
    int status = c->have > 12 ? atoi(c->in + 9) : 0;
    c->left = -1;
    for (char *line = c->in; line < end; line = (char *)memchr(line, '\n', (size_t)(end - line) + 2) + 1)
        if (!strncasecmp(line, "content-length:", 15)) c->left = atoll(line + 15);
    return status;
}

/* 1 when an answer is whole, 0 when more has to come, -1 when the connection is of no use. */
static int read_some(struct connection *c) {
    ssize_t n = recv(c->fd, c->in + c->have, ROOM - 1 - c->have, MSG_DONTWAIT);
    if (n <= 0) return n < 0 && errno == EAGAIN ? 0 : -1;
    if (c->left >= 0) {
        c->left -= n;
        return c->left == 0 ? 1 : c->left < 0 ? -1 : 0;
    }
    c->have += (size_t)n;
    c->in[c->have] = 0;
    char *end = strstr(c->in, "\r\n\r\n");
    if (!end) return c->have == ROOM - 1 ? -1 : 0;
    if (head(c, end) != expected) bad++;
    if (c->left < 0) return -1;
    c->left -= (long long)(c->in + c->have - (end + 4));
    return c->left == 0 ? 1 : c->left < 0 ? -1 : 0;
}

static void answered(struct connection *c) {
    int64_t took = now_us() - c->sent_at;
    by_microsecond[took < BUCKETS ? took : BUCKETS - 1]++;
    done++;
}

static long percentile(double part) {
    uint64_t rank = (uint64_t)((double)done * part), seen = 0;
    for (long us = 0; us < BUCKETS; us++)
        if ((seen += by_microsecond[us]) > rank) return us;
    return 0;
}

int main(int count, char **words) {
    if (count != 7) {
        fprintf(stderr, "httpload PORT PATH BODY_BYTES CONNECTIONS SECONDS STATUS\n");
        return 64;
    }
    int body = atoi(words[3]), connections = atoi(words[4]);
    double seconds = atof(words[5]);
    expected = atoi(words[6]);
    if (connections < 1 || connections > MOST || body < 0 || seconds <= 0) return 64;
    server = (struct sockaddr_in){.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(words[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    request = calloc(1, (size_t)body + 1024);
    by_microsecond = calloc(BUCKETS, sizeof *by_microsecond);
    struct connection *all = calloc((size_t)connections, sizeof *all);
    if (!request || !by_microsecond || !all) fail("calloc");
    request_length = (size_t)snprintf(request, 1024, "%s %s HTTP/1.1\r\nHost: bench\r\n",
                                      body ? "POST" : "GET", words[2]);
    if (body) request_length += (size_t)sprintf(request + request_length, "Content-Length: %d\r\n", body);
    memcpy(request + request_length, "\r\n", 2);
    memset(request + request_length + 2, 'b', (size_t)body);
    request_length += 2 + (size_t)body;

    polled = epoll_create1(0);
    int64_t began = now_us(), until = began + (int64_t)(seconds * 1e6);
    for (int i = 0; i < connections; i++) open_one(&all[i]);
    while (now_us() < until) {
        struct epoll_event events[256];
        int n = epoll_wait(polled, events, 256, 100);
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            int state = read_some(c);
            if (state > 0) {
                answered(c);
                send_one(c);
            } else if (state < 0) {
                bad++;
                close(c->fd);
                open_one(c);
            }
        }
    }
    double took = (double)(now_us() - began) / 1e6;
    printf("requests_per_second=%.0f p50_us=%ld p99_us=%ld requests=%llu bad=%llu\n", (double)done / took,
           percentile(0.5), percentile(0.99), (unsigned long long)done, (unsigned long long)bad);
    return 0;
}

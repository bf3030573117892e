// Load for lock services: one thread, one epoll, as little of its own as can be, so that what is
// measured is the server. Build: cc -O2 -o lockload lockload.c
//
//   lockload pairs    http|redis HOST PORT CLIENTS SECONDS   acquire + release, each client on a lock of its own
//   lockload handoff  http HOST PORT WAITERS        one lock, each waiter on a connection of its own
//   lockload parked   http HOST PORT WAITERS        the same over 64 connections and one stream of events
//   lockload expiry   http HOST PORT ROUNDS         how late after its lease a lock is granted to the next
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 65536, PARKED_CONNECTIONS = 64 };

typedef struct {
    int fd, index, state, filled;
    uint64_t began;
    uint64_t serial;
    char token[33];
    char in[ROOM + 1];
} Client;

static const char *host;
static int port, epoll_fd;
static char run_id[17];

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int dial(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (fd < 0 || inet_pton(AF_INET, host, &to.sin_addr) != 1) die("socket");
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

static void watch(Client *c) {
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &e) < 0) die("epoll_ctl");
}

static Client *client(int index) {
    Client *c = calloc(1, sizeof *c);
    if (!c) die("calloc");
    c->fd = dial();
    c->index = index;
    watch(c);
    return c;
}

static void put(Client *c, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = write(c->fd, bytes, size);
        if (n < 0 && errno == EAGAIN) continue;
        if (n <= 0) die("write");
        bytes += n;
        size -= (size_t)n;
    }
}

// ---- HTTP: the smallest requests that our API takes.

static void new_token(Client *c) {
    snprintf(c->token, sizeof c->token, "%.16s%08x%08x", run_id, (unsigned)c->index, (unsigned)++c->serial);
}

static void http_acquire_as(Client *c, const char *token, const char *pool, const char *wait, const char *ttl, const char *prefer) {
    char body[160], request[512];
    int n = snprintf(body, sizeof body, "{\"id\":\"%s\",\"wait\":\"%s\",\"ttl\":\"%s\"}", token, wait, ttl);
    int m = snprintf(request, sizeof request,
                     "POST /api/v1/pools/%s/locks HTTP/1.1\r\nHost: localhost\r\n%sContent-Type: application/json\r\n"
                     "Content-Length: %d\r\n\r\n%s", pool, prefer, n, body);
    put(c, request, (size_t)m);
}

static void http_acquire(Client *c, const char *pool, const char *wait, const char *ttl, const char *prefer) {
    new_token(c);
    http_acquire_as(c, c->token, pool, wait, ttl, prefer);
}

static void http_release(Client *c, const char *pool, const char *token) {
    char request[256];
    int m = snprintf(request, sizeof request, "DELETE /api/v1/pools/%s/locks/%.32s HTTP/1.1\r\nHost: localhost\r\n\r\n", pool, token);
    put(c, request, (size_t)m);
}

// The status of a whole answer at the beginning of the buffer, taken out of it; 0: not whole yet.
static int http_take(Client *c, char *body, size_t room) {
    c->in[c->filled] = 0;
    char *end = strstr(c->in, "\r\n\r\n");
    if (!end) return 0;
    char *length = strcasestr(c->in, "content-length:");
    size_t size = length && length < end ? strtoul(length + 15, NULL, 10) : 0;
    size_t whole = (size_t)(end + 4 - c->in) + size;
    if ((size_t)c->filled < whole) return 0;
    int status = atoi(c->in + 9);
    if (body) {
        size_t n = size < room - 1 ? size : room - 1;
        memcpy(body, end + 4, n);
        body[n] = 0;
    }
    memmove(c->in, c->in + whole, (size_t)c->filled - whole);
    c->filled -= (int)whole;
    return status;
}

// ---- Redis: SET NX PX, and compare-and-delete by a script, as its documentation says.

static char script_sha[41];

static void redis_acquire(Client *c) {
    char request[256], key[40], value[48];
    int k = snprintf(key, sizeof key, "p%.8s-%d", run_id, c->index);
    new_token(c);
    int v = snprintf(value, sizeof value, "%s", c->token);
    int m = snprintf(request, sizeof request, "*6\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n$2\r\nNX\r\n$2\r\nPX\r\n$5\r\n30000\r\n", k, key, v, value);
    put(c, request, (size_t)m);
}

static void redis_release(Client *c) {
    char request[256], key[40];
    int k = snprintf(key, sizeof key, "p%.8s-%d", run_id, c->index);
    int m = snprintf(request, sizeof request, "*5\r\n$7\r\nEVALSHA\r\n$40\r\n%s\r\n$1\r\n1\r\n$%d\r\n%s\r\n$32\r\n%s\r\n", script_sha, k, key, c->token);
    put(c, request, (size_t)m);
}

static int redis_take(Client *c) {
    c->in[c->filled] = 0;
    char *end = strstr(c->in, "\r\n");
    if (!end) return 0;
    int ok = !strncmp(c->in, "+OK", 3) || !strncmp(c->in, ":1", 2);
    if (!ok) {
        fprintf(stderr, "redis: %s\n", c->in);
        exit(1);
    }
    c->filled = 0;
    return 200;
}

static void redis_script(void) {
    static const char script[] = "if redis.call('GET',KEYS[1])==ARGV[1] then return redis.call('DEL',KEYS[1]) else return 0 end";
    Client *c = client(-1);
    char request[400];
    int m = snprintf(request, sizeof request, "*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n$%zu\r\n%s\r\n", sizeof script - 1, script);
    put(c, request, (size_t)m);
    char answer[128] = {0};
    int filled = 0;
    while (filled < 47) {
        ssize_t n = read(c->fd, answer + filled, sizeof answer - 1 - (size_t)filled);
        if (n > 0) filled += (int)n;
    }
    memcpy(script_sha, strchr(answer, '\n') + 1, 40);
    close(c->fd);
}

// ---- Measuring.

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static double ms(uint64_t *sorted, size_t n, double part) {
    return n == 0 ? 0 : (double)sorted[(size_t)((double)(n - 1) * part)] / 1e6;
}

static int fill(Client *c) {
    ssize_t n = read(c->fd, c->in + c->filled, (size_t)(ROOM - c->filled));
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        fprintf(stderr, "client %d: the server closed\n", c->index);
        exit(1);
    }
    if (n > 0) c->filled += (int)n;
    return n > 0;
}

static void expect(int status, int wanted, const char *body) {
    if (status != wanted) {
        fprintf(stderr, "answered %d, expected %d: %s\n", status, wanted, body);
        exit(1);
    }
}

static void pairs(int redis, int clients, int seconds) {
    size_t n = 0, room = 1 << 20;
    uint64_t *took = malloc(room * sizeof *took);
    if (redis) redis_script();
    Client **all = calloc((size_t)clients, sizeof *all);
    for (int i = 0; i < clients; i++) all[i] = client(i);
    uint64_t warm = now_ns() + 4000000000u, end = warm + (uint64_t)seconds * 1000000000u;
    char pool[40];
    for (int i = 0; i < clients; i++) {
        all[i]->began = now_ns();
        snprintf(pool, sizeof pool, "p%.8s-%d", run_id, i);
        if (redis) redis_acquire(all[i]); else http_acquire(all[i], pool, "0", "30s", "");
    }
    struct epoll_event events[256];
    for (uint64_t now = now_ns(); now < end; now = now_ns()) {
        int ready = epoll_wait(epoll_fd, events, 256, 100);
        for (int i = 0; i < ready; i++) {
            Client *c = events[i].data.ptr;
            char body[512];
            fill(c);
            int status = redis ? redis_take(c) : http_take(c, body, sizeof body);
            if (!status) continue;
            snprintf(pool, sizeof pool, "p%.8s-%d", run_id, c->index);
            if (c->state == 0) {
                if (!redis) expect(status, 201, body);
                c->state = 1;
                if (redis) redis_release(c); else http_release(c, pool, c->token);
            } else {
                if (!redis) expect(status, 204, body);
                uint64_t then = now_ns();
                if (then > warm) {
                    if (n == room) took = realloc(took, (room *= 2) * sizeof *took);
                    took[n++] = then - c->began;
                }
                c->state = 0;
                c->began = then;
                if (redis) redis_acquire(c); else http_acquire(c, pool, "0", "30s", "");
            }
        }
    }
    qsort(took, n, sizeof *took, by_value);
    printf("pairs clients=%d pairs_per_second=%.0f p50_ms=%.2f p99_ms=%.2f\n", clients, (double)n / seconds, ms(took, n, .5), ms(took, n, .99));
}

static void report(const char *what, uint64_t *at, int got, uint64_t queued_ns, uint64_t released) {
    uint64_t *hops = calloc((size_t)got + 1, sizeof *hops);
    for (int i = 0; i < got; i++) hops[i] = at[i] - (i ? at[i - 1] : released);
    uint64_t drained = at[got - 1] - released;
    qsort(hops, (size_t)got, sizeof *hops, by_value);
    printf("%s waiters=%d queueing_ms=%.0f hop_p50_ms=%.3f hop_p99_ms=%.3f drained_ms=%.0f\n", what, got,
           (double)queued_ns / 1e6, ms(hops, (size_t)got, .5), ms(hops, (size_t)got, .99), (double)drained / 1e6);
}

static void settle(const char *for_whom) {
    // The server's memory is read while all wait: somebody outside does that.
    const char *pause = getenv("LOCKLOAD_PAUSE");
    if (pause) {
        fprintf(stderr, "%s\n", for_whom);
        sleep((unsigned)atoi(pause));
    }
}

static void handoff(int waiters) {
    static char list[ROOM + 1];
    struct rlimit files = {(rlim_t)waiters + 100, (rlim_t)waiters + 100};
    setrlimit(RLIMIT_NOFILE, &files);
    char body[512], pool[32];
    snprintf(pool, sizeof pool, "hand%.8s", run_id);
    struct epoll_event events[256];
    Client *first = client(-1);
    http_acquire(first, pool, "0", "600s", "");
    while (!http_take(first, body, sizeof body)) fill(first);
    uint64_t began = now_ns();
    for (int i = 0; i < waiters; i++) http_acquire(client(i), pool, "600s", "600s", "");
    Client *probe = client(-2);
    for (int waiting = 0; waiting < waiters;) {
        char request[128];
        put(probe, request, (size_t)snprintf(request, sizeof request, "GET /api/v1/pools HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        while (!http_take(probe, list, sizeof list)) fill(probe);
        char *mine = strstr(list, pool), *count = mine ? strstr(mine, "\"waiting\":") : NULL;
        waiting = count ? atoi(count + 10) : 0;
    }
    uint64_t queued = now_ns() - began;
    settle("all wait");
    uint64_t *at = calloc((size_t)waiters, sizeof *at), released = now_ns();
    http_release(first, pool, first->token);
    for (int got = 0; got < waiters;) {
        int ready = epoll_wait(epoll_fd, events, 256, 20000);
        if (ready <= 0) { fprintf(stderr, "%d granted, then nothing\n", got); exit(1); }
        for (int i = 0; i < ready; i++) {
            Client *c = events[i].data.ptr;
            if (c->index < 0) { fill(c); continue; }
            fill(c);
            int status = http_take(c, body, sizeof body);
            if (status && c->state == 0) {
                expect(status, 201, body);
                at[got++] = now_ns();
                c->state = 1;
                http_release(c, pool, c->token);
            } else if (status) expect(status, 204, body);
        }
    }
    report("handoff", at, waiters, queued, released);
}

// Waiters without a connection each: asked for over a few, heard of on the stream of events.
static void parked(int waiters) {
    char body[512], pool[32], request[160];
    snprintf(pool, sizeof pool, "park%.8s", run_id);
    char (*tokens)[33] = calloc((size_t)waiters + 1, sizeof *tokens);
    long lowest = 0;
    Client *first = client(0), *stream = client(-1), *asks[PARKED_CONNECTIONS];
    http_acquire(first, pool, "0", "600s", "");
    while (!http_take(first, body, sizeof body)) fill(first);
    lowest = atol(strstr(body, "\"ticket\":") + 9) + 1;
    put(stream, request, (size_t)snprintf(request, sizeof request,
        "GET /api/v1/events?pool=%s&type=lock.granted HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n", pool));
    for (int i = 0; i < PARKED_CONNECTIONS; i++) asks[i] = client(i + 1);
    struct epoll_event events[256];
    uint64_t began = now_ns();
    int asked = 0, answered = 0;
    for (int i = 0; i < PARKED_CONNECTIONS && asked < waiters; i++, asked++) http_acquire(asks[i], pool, "600s", "600s", "Prefer: respond-async\r\n");
    while (answered < waiters) {
        int ready = epoll_wait(epoll_fd, events, 256, 20000);
        if (ready <= 0) { fprintf(stderr, "%d asked, %d answered, then nothing\n", asked, answered); exit(1); }
        for (int i = 0; i < ready; i++) {
            Client *c = events[i].data.ptr;
            fill(c);
            if (c == stream) { c->filled = 0; continue; }
            int status = http_take(c, body, sizeof body);
            if (!status) continue;
            expect(status, 202, body);
            long ticket = atol(strstr(body, "\"ticket\":") + 9);
            if (ticket - lowest < 0 || ticket - lowest > waiters) { fprintf(stderr, "ticket %ld\n", ticket); exit(1); }
            memcpy(tokens[ticket - lowest], c->token, 33);
            answered++;
            if (asked < waiters) { asked++; http_acquire(c, pool, "600s", "600s", "Prefer: respond-async\r\n"); }
        }
    }
    uint64_t queued = now_ns() - began;
    settle("all wait");
    int wanted = waiters < 10000 ? waiters : 10000, got = 0;
    uint64_t *at = calloc((size_t)waiters, sizeof *at), released = now_ns();
    http_release(first, pool, first->token);
    while (got < wanted) {
        int ready = epoll_wait(epoll_fd, events, 256, 20000);
        if (ready <= 0) { fprintf(stderr, "%d granted, then nothing: %.200s\n", got, stream->in); exit(1); }
        for (int i = 0; i < ready; i++) {
            Client *c = events[i].data.ptr;
            fill(c);
            if (c != stream) { while (http_take(c, body, sizeof body)) {} continue; }
            c->in[c->filled] = 0;
            char *line, *rest = c->in;
            while ((line = strstr(rest, "\"ticket\":"))) {
                if (!strchr(line, '\n')) break;
                long ticket = atol(line + 9);
                if (got < wanted && ticket >= lowest) {
                    at[got] = now_ns();
                    http_release(asks[got % PARKED_CONNECTIONS], pool, tokens[ticket - lowest]);
                    got++;
                }
                rest = line + 9;
            }
            memmove(c->in, rest, (size_t)(c->in + c->filled - rest));
            c->filled = (int)(c->in + c->filled - rest);
        }
    }
    report("parked", at, wanted, queued, released);
}

static void expiry(int rounds) {
    char body[512], pool[32];
    uint64_t *late = calloc((size_t)rounds, sizeof *late);
    int early = 0;
    snprintf(pool, sizeof pool, "late%.8s", run_id);
    Client *a = client(1), *b = client(2);
    for (int i = 0; i < rounds; i++) {
        uint64_t sent = now_ns();
        http_acquire(a, pool, "10s", "300ms", "");
        int status;
        while (!(status = http_take(a, body, sizeof body))) fill(a);
        expect(status, 201, body);
        http_acquire(b, pool, "10s", "300ms", "");
        while (!(status = http_take(b, body, sizeof body))) fill(b);
        expect(status, 201, body);
        uint64_t after = now_ns() - sent;
        if (after < 300000000u) early++;
        else late[i] = after - 300000000u;
        http_release(b, pool, b->token);
        while (!http_take(b, body, sizeof body)) fill(b);
    }
    qsort(late, (size_t)rounds, sizeof *late, by_value);
    printf("expiry rounds=%d early=%d late_p50_ms=%.1f late_p99_ms=%.1f worst_ms=%.1f\n", rounds, early,
           ms(late, (size_t)rounds, .5), ms(late, (size_t)rounds, .99), ms(late, (size_t)rounds, 1));
}

// How long at most one client hears nothing, whatever dies meanwhile. What is refused is asked again under its id.
static void gap(int seconds) {
    uint64_t end = now_ns() + (uint64_t)seconds * 1000000000u, last = now_ns(), longest = 0;
    long done = 0, refused = 0;
    Client *c = client(0);
    char pool[40], body[512], token[33];
    snprintf(pool, sizeof pool, "gap%.8s", run_id);
    while (last < end) {
        int wanted = c->state ? 204 : 201;
        if (c->state) http_release(c, pool, c->token); else http_acquire(c, pool, "0", "30s", "");
        for (int status = 0; status != wanted;) {
            while (!(status = http_take(c, body, sizeof body))) fill(c);
            if (status == wanted) break;
            // Given back by the request that was refused, and perhaps done.
            if (c->state && status == 404) break;
            if (status < 500) expect(status, wanted, body);
            refused++;
            usleep(5000);
            memcpy(token, c->token, sizeof token);
            if (c->state) http_release(c, pool, token); else http_acquire_as(c, token, pool, "0", "30s", "");
        }
        c->state = !c->state;
        done++;
        uint64_t now = now_ns();
        if (now - last > longest) longest = now - last;
        last = now;
    }
    printf("gap longest_ms=%.0f operations=%ld refused=%ld\n", (double)longest / 1e6, done, refused);
}

int main(int argc, char **argv) {
    if (argc < 6) {
        fprintf(stderr, "lockload pairs|handoff|parked|expiry|gap http|redis HOST PORT N [SECONDS]\n");
        return 64;
    }
    host = argv[3];
    port = atoi(argv[4]);
    int n = atoi(argv[5]);
    snprintf(run_id, sizeof run_id, "%08x%08x", (unsigned)getpid(), (unsigned)(now_ns() / 1000));
    epoll_fd = epoll_create1(0);
    if (!strcmp(argv[1], "pairs")) pairs(!strcmp(argv[2], "redis"), n, argc > 6 ? atoi(argv[6]) : 10);
    else if (!strcmp(argv[1], "handoff")) handoff(n);
    else if (!strcmp(argv[1], "parked")) parked(n);
    else if (!strcmp(argv[1], "expiry")) expiry(n);
    else if (!strcmp(argv[1], "gap")) gap(n);
    else return 64;
    return 0;
}

package org.svcshare.spawn;

/// `/list`: what can be asked for, for people.
enum HelpText {
    ALL(
            "/list",
            """
            The control API of the replicas.

            GET    /nodes, /nodes/HOST, /nodes/HOST/PORT     look at nodes; more in /list/nodes
            PUT    /nodes, /nodes/HOST/PORT                  add and change nodes
            DELETE /nodes, /nodes/HOST, /nodes/HOST/PORT     remove nodes
            GET    /metrics                                  requests by node
            GET    /info                                     what runs here
            POST   /login                                    username and password for a token
            GET    /login/TOKEN                              whose token it is
            DELETE /logout/TOKEN                             end it
            GET    /list, /list/nodes                        these texts

            ?pretty=true has the JSON indented. Where a token is needed, send it as
            Authorization: Bearer TOKEN
            """),
    NODES(
            "/list/nodes",
            """
            A node is one copy of the service:

            host         where it is
            port         1 to 65535
            priority     1, 2, 3 ... are used first, then 0, then -1, -2 ...
            active       true: it takes part. What it misses while it is false is lost to it
            maintenance  true: it is left alone, and writes are kept for it
            tls          true: it is spoken to over TLS; only shown where it is
            weight       how many reads it gets beside the others; only shown where it is not 1

            More: /list/nodes/get, /list/nodes/set, /list/nodes/delete
            """),
    GET(
            "/list/nodes/get",
            """
            GET /nodes               all nodes
            GET /nodes/HOST          those of one host
            GET /nodes/HOST/PORT     one

            404 when there is none. An IPv6 address stands in brackets, or percent-encoded.
            """),
    SET(
            "/list/nodes/set",
            """
            PUT /nodes/HOST/PORT     {"active": true, "priority": 1}
            PUT /nodes               [{"host": "a", "port": 8080, "active": true}, ...]

            Fields that are not there stay as they are. The first one adds the node where it is
            new (201), and moves it where the body has another host or port. The second one
            changes all the nodes of the array or none; others stay. A change is on the disk
            when it is answered.
            """),
    DELETE(
            "/list/nodes/delete",
            """
            DELETE /nodes/HOST/PORT  one node, with the writes that wait for it
            DELETE /nodes/HOST       those of one host
            DELETE /nodes            all of them
            """);

    final String path;
    final String text;

    HelpText(String path, String text) {
        this.path = path;
        this.text = text;
    }
}

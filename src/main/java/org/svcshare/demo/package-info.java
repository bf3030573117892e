/// The demonstration: a server, a service, three bots and their clients in one process.
@NullMarked
package org.svcshare.demo;

import org.jspecify.annotations.NullMarked;

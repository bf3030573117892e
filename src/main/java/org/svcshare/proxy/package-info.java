/// The HTTP proxy before the copies of a service: clients on one side, nodes on the other, the log
/// of writes between them.
@NullMarked
package org.svcshare.proxy;

import org.jspecify.annotations.NullMarked;

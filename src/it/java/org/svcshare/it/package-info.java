/// Tests against real servers and client programs, and the kit that starts them.
@NullMarked
package org.svcshare.it;

import org.jspecify.annotations.NullMarked;

"""Provisioner: how jupyter_client gets a kernel from the fork server."""

from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Instance

from audit_lib.report.fork_server import ForkServer


class ForkedProvisioner(LocalProvisioner):  # type: ignore[misc]
    """A local kernel, forked instead of started anew."""

    server = Instance(ForkServer)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """`cmd` starts as the kernel's specification says: interpreter, -m, module; the arguments follow."""
        self.process = self.server.fork(cmd[3:], kwargs["cwd"], kwargs["env"])
        self.pid = self.process.pid
        return self.connection_info

/** First of its folder: of two settings of one name, sshd takes the first. */
export const sshdConfig = `# Keys only.
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitEmptyPasswords no
PermitRootLogin prohibit-password
`;

/**
 * Security fixes come by themselves, Docker's included; the machine is never restarted for one, since a run may be going.
 */
export const upgradesConfig = `APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Origins-Pattern { "origin=Docker"; };
Unattended-Upgrade::Automatic-Reboot "false";
Acquire::Retries "5";
DPkg::Lock::Timeout "300";
`;

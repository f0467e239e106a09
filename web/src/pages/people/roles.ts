/** Which roles an account, and which a link, can be given. */
export const kAccountRoles = ['owner', 'dialogue', 'adr', 'design', 'foley', 'music', 'mix', 'director', 'viewer'] as const;
export const kLinkRoles = ['actor', ...kAccountRoles] as const;

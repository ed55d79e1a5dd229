/** Of the room in which everybody is. */
export const roomName = 'chaos';

/** How the names of those begin who are in the call beside the guests. */
export const extraName = 'extra-';

/** Label of data that the local simulator made up; every view of it says SIMULATED. */
export const SIMULATED_SOURCE = 'simulated';

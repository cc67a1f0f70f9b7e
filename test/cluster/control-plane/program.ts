/** etcd, the control plane, kubectl and kwok in one program: `.ci/run` builds it of `.ci/kubernetes`. */
export const PROGRAM = "hyperkube";

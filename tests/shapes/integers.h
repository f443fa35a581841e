/* SPDX-License-Identifier: MIT */
/* Functions of 0 to 32 integer parameters, each with its own weight in the result; -1, 2, -3, ...
 * go in. */
#ifndef INTEGERS_H
#define INTEGERS_H

#define P1 long a1
#define S1 a1
#define V1 -1
#define P2 P1, long a2
#define S2 S1 + 5 * a2
#define V2 V1, 2
#define P3 P2, long a3
#define S3 S2 + 10 * a3
#define V3 V2, -3
#define P4 P3, long a4
#define S4 S3 + 17 * a4
#define V4 V3, 4
#define P5 P4, long a5
#define S5 S4 + 26 * a5
#define V5 V4, -5
#define P6 P5, long a6
#define S6 S5 + 37 * a6
#define V6 V5, 6
#define P7 P6, long a7
#define S7 S6 + 50 * a7
#define V7 V6, -7
#define P8 P7, long a8
#define S8 S7 + 65 * a8
#define V8 V7, 8
#define P9 P8, long a9
#define S9 S8 + 82 * a9
#define V9 V8, -9
#define P10 P9, long a10
#define S10 S9 + 101 * a10
#define V10 V9, 10
#define P11 P10, long a11
#define S11 S10 + 122 * a11
#define V11 V10, -11
#define P12 P11, long a12
#define S12 S11 + 145 * a12
#define V12 V11, 12
#define P13 P12, long a13
#define S13 S12 + 170 * a13
#define V13 V12, -13
#define P14 P13, long a14
#define S14 S13 + 197 * a14
#define V14 V13, 14
#define P15 P14, long a15
#define S15 S14 + 226 * a15
#define V15 V14, -15
#define P16 P15, long a16
#define S16 S15 + 257 * a16
#define V16 V15, 16
#define P17 P16, long a17
#define S17 S16 + 290 * a17
#define V17 V16, -17
#define P18 P17, long a18
#define S18 S17 + 325 * a18
#define V18 V17, 18
#define P19 P18, long a19
#define S19 S18 + 362 * a19
#define V19 V18, -19
#define P20 P19, long a20
#define S20 S19 + 401 * a20
#define V20 V19, 20
#define P21 P20, long a21
#define S21 S20 + 442 * a21
#define V21 V20, -21
#define P22 P21, long a22
#define S22 S21 + 485 * a22
#define V22 V21, 22
#define P23 P22, long a23
#define S23 S22 + 530 * a23
#define V23 V22, -23
#define P24 P23, long a24
#define S24 S23 + 577 * a24
#define V24 V23, 24
#define P25 P24, long a25
#define S25 S24 + 626 * a25
#define V25 V24, -25
#define P26 P25, long a26
#define S26 S25 + 677 * a26
#define V26 V25, 26
#define P27 P26, long a27
#define S27 S26 + 730 * a27
#define V27 V26, -27
#define P28 P27, long a28
#define S28 S27 + 785 * a28
#define V28 V27, 28
#define P29 P28, long a29
#define S29 S28 + 842 * a29
#define V29 V28, -29
#define P30 P29, long a30
#define S30 S29 + 901 * a30
#define V30 V29, 30
#define P31 P30, long a31
#define S31 S30 + 962 * a31
#define V31 V30, -31
#define P32 P31, long a32
#define S32 S31 + 1025 * a32
#define V32 V31, 32

#define FOR_ALL_COUNTS(m)                                                                        \
    m(1) m(2) m(3) m(4) m(5) m(6) m(7) m(8) m(9) m(10) m(11) m(12) m(13) m(14) m(15) m(16) m(17) \
        m(18) m(19) m(20) m(21) m(22) m(23) m(24) m(25) m(26) m(27) m(28) m(29) m(30) m(31) m(32)

#endif

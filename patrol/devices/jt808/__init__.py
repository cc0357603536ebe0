"""JT/T 808, the protocol of vehicle terminals and body-worn recorders: editions 2011, 2013 and 2019.

Written after JT/T 808-2011, -2013 and -2019 of the Ministry of Transport, "Satellite positioning system
for road transport vehicles: terminal communication protocol and data format" (道路运输车辆卫星定位系统
终端通信协议及数据格式). Numbers are big-endian, texts GBK, times BCD in UTC+8.

    bytes ─ frames ─ message ─ parts ─ session ─ actions        `session` knows the order of things
                                          │
                                     registration, locations ─ fixes
"""

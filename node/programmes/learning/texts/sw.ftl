# Not yet read by a native speaker.
title = Kozi
exit = Toka
bye = Asante. Kwaheri.
language = Lugha - Language - Langue
yes = Ndiyo
no = Hapana

menu-quiz = Fanya jaribio
menu-result = Jaribio langu la mwisho
menu-course = Kozi nyingine
menu-leave = Sitaki masomo tena
menu-language = Lugha
menu-learners = Waliojiunga
menu-done-water = Majaribio: maji
menu-done-money = Majaribio: pesa

course = Somo moja kwa wiki kwa SMS, bure. Kozi ipi?
water = Maji safi
money = Pesa za nyumbani
consent = Ofisi ya elimu inahifadhi jina, namba na majibu yako ili kukufundisha. Unakubali?
given-name = Jina lako la kwanza?
village = Kijiji chako?
joined = Umejiunga. Somo la kwanza linakuja kesho kwa SMS. STOP inasimamisha SMS zote.
which-quiz = Jaribio lipi?

w1 = Maji ni salama kunywa lini?
w1-clear = Yakiwa maangavu
w1-boiled = Yakishachemka
w1-cold = Yakiwa baridi
w2 = Unanawa mikono kwa nini?
w2-soap = Sabuni na maji
w2-water = Maji tu
w2-cloth = Kitambaa kikavu
w3 = Maji salama yanakaa wapi?
w3-open = Ndoo iliyo wazi
w3-floor = Chungu sakafuni
w3-closed = Dumu lililofungwa

m1 = Unaandika nini?
m1-all = Yanayoingia na kutoka
m1-large = Kiasi kikubwa tu
m1-none = Hakuna
m2 = Unaweka akiba lini?
m2-rest = Kwa kinachobaki
m2-first = Kwanza, kisha natumia
m2-never = Mwaka mzuri tu
m3 = Kabla ya kukopa?
m3-take = Chukua mkopo wa kwanza
m3-ask = Uliza gharama yote
m3-hide = Usimwambie mtu

score-0 = 0 kati ya 3 ni sahihi. Soma tena masomo ujaribu tena.
score-1 = 1 kati ya 3 ni sahihi. Soma tena masomo ujaribu tena.
score-2 = 2 kati ya 3 ni sahihi. Hongera: umefaulu.
score-3 = Yote 3 ni sahihi. Hongera: umefaulu.

no-result = Bado hujafanya jaribio.
result-w1 = 1. Wewe: { $case_w1 }
    Sahihi: yakishachemka
result-w2 = 2. Wewe: { $case_w2 }
    Sahihi: sabuni na maji
result-w3 = 3. Wewe: { $case_w3 }
    Sahihi: dumu lililofungwa
result-m1 = 1. Wewe: { $case_m1 }
    Sahihi: yanayoingia na kutoka
result-m2 = 2. Wewe: { $case_m2 }
    Sahihi: kwanza, kisha tumia
result-m3 = 3. Wewe: { $case_m3 }
    Sahihi: uliza gharama yote

leave = Usipate masomo tena?
has-left = Hutapata masomo tena. Kujiunga tena, piga namba hii.
nobody = Bado hakuna mtu.
newest = Wapya:
each-line = { $events }

lesson-water-1 = Somo 1: maji maangavu yanaweza kukuumiza. Yachemshe kwa nguvu dakika moja, yapoe kwenye sufuria hiyo hiyo.
lesson-water-2 = Somo 2: nawa mikono kwa sabuni na maji baada ya choo na kabla ya kupika, kula au kulisha mtoto.
lesson-water-3 = Somo 3: weka maji salama kwenye dumu lililofungwa lenye bomba au mdomo mwembamba. Usitumbukize mkono au kikombe.
lesson-money-1 = Somo 1: kwa wiki moja andika kila shilingi inayoingia na kutoka. Utaona inakokwenda.
lesson-money-2 = Somo 2: weka kidogo pembeni siku ya malipo, kabla ya kununua. Mara nyingi hakibaki kitu.
lesson-money-3 = Somo 3: kabla ya kukopa, uliza utalipa kiasi gani kwa jumla, na lini. Linganisha wakopeshaji wawili.
quiz-notice = Jaribio lako la maswali matatu liko wazi. Piga namba ya huduma.

joined-line = { $day } { $who } { $course }
quiz-line = { $day } { $who }
event-joined = Amejiunga na kozi
event-left = Ameacha
event-quiz-water = Jaribio: maji
event-quiz-money = Jaribio: pesa

form-1 = Jibu 1
form-2 = Jibu 2
form-3 = Jibu 3

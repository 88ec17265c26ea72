# Not yet read by a native speaker.
title = Cours
exit = Quitter
bye = Merci. Au revoir.
language = Langue - Language - Lugha
yes = Oui
no = Non

menu-quiz = Faire un quiz
menu-result = Mon dernier quiz
menu-course = Un autre cours
menu-leave = Plus de lecons
menu-language = Langue
menu-learners = Qui participe
menu-done-water = Quiz faits : eau
menu-done-money = Quiz faits : argent

course = Une lecon par semaine par SMS, gratuite. Quel cours ?
water = Eau propre
money = Argent du ménage
consent = Le bureau de formation garde nom, numéro et réponses pour vous former. D'accord ?
given-name = Votre prénom ?
village = Votre village ?
joined = C'est fait. La première lecon vient demain par SMS. STOP met fin aux SMS.
which-quiz = Quel quiz ?

w1 = Quand l'eau est-elle bonne à boire ?
w1-clear = Quand elle est claire
w1-boiled = Une fois bouillie
w1-cold = Quand elle est froide
w2 = Avec quoi se laver les mains ?
w2-soap = Eau et savon
w2-water = Eau seule
w2-cloth = Un linge sec
w3 = Où l'eau reste-t-elle propre ?
w3-open = Dans un seau ouvert
w3-floor = Un pot par terre
w3-closed = Un bidon fermé

m1 = Que notez-vous ?
m1-all = Entrées et sorties
m1-large = Les grandes sommes
m1-none = Rien
m2 = Quand épargner ?
m2-rest = Avec ce qui reste
m2-first = D'abord, puis j'achète
m2-never = Les bonnes années
m3 = Avant d'emprunter ?
m3-take = Prendre le premier pret
m3-ask = Demander le cout total
m3-hide = Ne rien dire

score-0 = 0 juste sur 3. Relisez les lecons et essayez encore.
score-1 = 1 juste sur 3. Relisez les lecons et essayez encore.
score-2 = 2 justes sur 3. Bravo : c'est réussi.
score-3 = 3 justes sur 3. Bravo : c'est réussi.

no-result = Vous n'avez pas encore fait de quiz.
result-w1 = 1. Vous : { $case_w1 }
    Juste : une fois bouillie
result-w2 = 2. Vous : { $case_w2 }
    Juste : eau et savon
result-w3 = 3. Vous : { $case_w3 }
    Juste : un bidon fermé
result-m1 = 1. Vous : { $case_m1 }
    Juste : entrées et sorties
result-m2 = 2. Vous : { $case_m2 }
    Juste : d'abord, puis acheter
result-m3 = 3. Vous : { $case_m3 }
    Juste : demander le cout total

leave = Ne plus recevoir de lecons ?
has-left = Vous ne recevez plus de lecons. Pour revenir, composez le code.
nobody = Personne pour le moment.
newest = Les derniers :
each-line = { $events }

lesson-water-1 = Lecon 1 : une eau claire peut rendre malade. Faites-la bouillir à gros bouillons une minute, et refroidir dans le pot.
lesson-water-2 = Lecon 2 : lavez les mains à l'eau et au savon après les toilettes et avant de cuisiner, manger ou nourrir un enfant.
lesson-water-3 = Lecon 3 : gardez l'eau propre dans un bidon fermé à robinet ou col étroit. N'y plongez ni main ni tasse.
lesson-money-1 = Lecon 1 : une semaine durant, notez chaque sou qui entre et qui sort. Vous verrez où il va.
lesson-money-2 = Lecon 2 : mettez un peu de coté le jour de paie, avant d'acheter. Il ne reste souvent rien à la fin.
lesson-money-3 = Lecon 3 : avant d'emprunter, demandez combien vous rendez en tout, et quand. Comparez deux preteurs.
quiz-notice = Votre quiz de trois questions est ouvert. Composez le code.

joined-line = { $day } { $who } { $course }
quiz-line = { $day } { $who }
event-joined = Inscription à un cours
event-left = Départ
event-quiz-water = Quiz : eau
event-quiz-money = Quiz : argent

form-1 = Réponse 1
form-2 = Réponse 2
form-3 = Réponse 3
